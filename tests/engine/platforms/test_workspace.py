from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from kfp.engine.resume import retry
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from tests.engine.documents import Pipeline
from tests.engine.platforms.running import document, done


def sharing(mark: Path) -> Pipeline:
    """Two tasks that share a workspace; the second one fails until there is a mark."""
    pipeline = Pipeline()
    pipeline.python("def put(path: str):\n    open(path + '/x', 'a').write('put')\n", inputs={"path": str})
    pipeline.python(
        f"""
        def take(path: str) -> str:
            import os
            assert os.path.exists({str(mark)!r})
            return open(path + '/x').read()
        """,
        inputs={"path": str}, outputs={"Output": str},
    )  # fmt: skip
    pipeline.task("put", inputs={"path": "{{$.workspace_path}}"})
    pipeline.task("take", inputs={"path": "{{$.workspace_path}}"}, after=("put",))
    pipeline.output("Output", str, "take.Output")
    return pipeline


@pytest.fixture
def settings(kfp_home: Path, tmp_path: Path) -> RunSettings:
    return RunSettings(home=kfp_home, pipeline_root=tmp_path / "root")


def test_a_run_has_a_workspace_of_its_own_that_is_there_when_it_is_continued(
    settings: RunSettings, kfp_home: Path, tmp_path: Path
) -> None:
    made = document(sharing(tmp_path / "mark"), {}, {"workspace": {"size": "1Gi"}})
    failed = done(made, settings)
    assert failed.tasks["put"].state is State.SUCCEEDED
    (tmp_path / "mark").touch()
    again = retry(failed.run_id, home=kfp_home)
    assert again.outputs["Output"] == "put"
    assert (kfp_home / "runs" / failed.run_id / "workspace" / "x").exists()
    assert done(made, settings).outputs["Output"] == "put"  # and no other run's


def test_a_continued_run_has_the_files_that_it_was_given(
    settings: RunSettings, kfp_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "values").write_text("db: {a: geheim}\n")
    (tmp_path / "mine").mkdir()
    pipeline = Pipeline()
    mark = str(tmp_path / "mark")
    pipeline.python(f"def look():\n    import os\n    assert os.environ['A'] and os.path.exists({mark!r})\n")
    pipeline.task("look")
    keys = [{"secretKey": "a", "envVar": "A"}]
    made = document(pipeline, {"exec-look": {"secretAsEnv": [{"secretName": "db", "keyToEnv": keys}]}})
    monkeypatch.chdir(tmp_path)
    failed = done(made, replace(settings, secrets=Path("values"), volumes={"data": Path("mine")}))
    assert str(failed.error).endswith("AssertionError")
    (tmp_path / "mark").touch()
    monkeypatch.chdir("/")
    assert retry(failed.run_id, home=kfp_home).state is State.SUCCEEDED
    assert "geheim" not in (kfp_home / "runs" / failed.run_id / "settings.json").read_text()


def test_without_a_workspace_its_placeholder_means_nothing(settings: RunSettings, tmp_path: Path) -> None:
    result = done(sharing(tmp_path / "mark").document(), settings)
    assert "this run has no workspace" in str(result.error)
    assert "dsl.PipelineConfig(workspace=" in str(result.error)
