from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kfp.engine import events
from kfp.engine.events import Event
from kfp.engine.executors import places
from kfp.engine.run import run
from kfp.engine.settings import RunSettings
from kfp.engine.states import State
from kfp.errors import RunError, SpecError
from tests.engine.documents import Pipeline
from tests.engine.executors.test_child import time_is_over_once
from tests.engine.platforms.running import constant, document, done, telling

Settings = Callable[..., RunSettings]


@pytest.fixture
def settings(kfp_home: Path, tmp_path: Path) -> Settings:
    return lambda **changes: RunSettings(home=kfp_home, pipeline_root=tmp_path / "root", grace=0.2, **changes)


def secret(*, optional: bool = False, name: Any = None, **keys: str) -> dict[str, Any]:
    pairs = [{"secretKey": key, "envVar": variable} for key, variable in keys.items()]
    return {"secretNameParameter": name or constant("db"), "keyToEnv": pairs, "optional": optional}


def config_map(**keys: str) -> dict[str, Any]:
    pairs = [{"configMapKey": key, "envVar": variable} for key, variable in keys.items()]
    return {"configMapNameParameter": constant("db"), "keyToEnv": pairs}


def test_secrets_and_config_maps_as_variables(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("db: {user: ann, password: geheim-4711}\n")
    (tmp_path / "c.json").write_text('{"db": {"host": "there"}}')
    made = document(
        telling("USER_NAME", "PASSWORD", "HOST_NAME", "GONE"),
        {"exec-tell": {
            "secretAsEnv": [secret(user="USER_NAME", password="PASSWORD"), secret(optional=True, no="GONE")],
            "configMapAsEnv": [config_map(host="HOST_NAME")],
        }},
    )  # fmt: skip
    result = done(made, settings(secrets=tmp_path / "s.yaml", config_maps=tmp_path / "c.json"))
    assert result.outputs["Output"] == {
        "USER_NAME": "ann", "PASSWORD": "geheim-4711", "HOST_NAME": "there", "GONE": None,
    }  # fmt: skip


def test_a_name_from_a_parameter_and_from_another_task(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("first: {a: '1'}\nsecond: {a: '2'}\n")
    pipeline = telling("ONE", "TWO")
    pipeline.python("def choose() -> str:\n    return 'second'\n", outputs={"Output": str})
    pipeline.task("choose")
    made = document(
        pipeline,
        {"exec-tell": {"secretAsEnv": [
            secret(name={"componentInputParameter": "name"}, a="ONE"),
            secret(name={"taskOutputParameter": {"producerTask": "choose", "outputParameterKey": "Output"}}, a="TWO"),
        ]}},
    )  # fmt: skip
    result = done(made, settings(secrets=tmp_path / "s.yaml"), name="first")
    assert result.outputs["Output"] == {"ONE": "1", "TWO": "2"}


def test_the_environment_wins_and_is_not_for_every_step(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFP_SECRET_DB", '{"user": "bea", "password": "x"}')
    monkeypatch.setenv("KFP_SECRET_DB_PASSWORD", "y")
    names = ("USER_NAME", "PASSWORD", "KFP_SECRET_DB", "KFP_SECRET_DB_PASSWORD")
    made = document(telling(*names), {"exec-tell": {"secretAsEnv": [secret(user="USER_NAME", password="PASSWORD")]}})
    result = done(made, settings())
    assert result.outputs["Output"] == dict(zip(names, ("bea", "y", None, None), strict=True))


@pytest.mark.parametrize(
    ("setting", "said", "hint"),
    [
        ({"secretAsEnv": [secret(password="P")]},
         "task 'tell' takes key 'password' of the secret 'db', which this run is not given", "KFP_SECRET_DB_PASSWORD"),
        ({"configMapAsEnv": [config_map(host="H")]}, "key 'host' of the ConfigMap 'db'", "KFP_CONFIG_MAP_DB_HOST"),
        ({"secretAsVolume": [{"secretNameParameter": constant("db"), "mountPath": "/s"}]},
         "the secret 'db'", "--secrets FILE"),
        ({"fieldPathAsEnv": [{"name": "A", "fieldPath": "spec.color"}]}, "no field 'spec.color'", "metadata.name"),
    ],
)  # fmt: skip
def test_what_is_missing_is_told_before_anything_starts(
    settings: Settings, setting: dict[str, Any], said: str, hint: str
) -> None:
    made = document(telling(), {"exec-tell": setting})
    with pytest.raises(RunError, match=said) as caught:
        done(made, settings())
    assert hint in str(caught.value.hint)
    assert not (settings().home / "runs").exists()


def test_a_name_that_is_known_late_fails_its_task(settings: Settings) -> None:
    made = document(
        telling(), {"exec-tell": {"secretAsEnv": [secret(name={"componentInputParameter": "name"}, a="A")]}}
    )
    result = done(made, settings(), name="other")
    assert result.state is State.FAILED
    assert "key 'a' of the secret 'other', which this run is not given" in str(result.tasks["tell"].error)


@pytest.mark.parametrize("name", ["no", 5])
def test_a_name_that_is_no_text_fails_its_task(settings: Settings, name: Any) -> None:
    pipeline = telling()
    kind = str if isinstance(name, str) else int
    pipeline.data["root"]["inputDefinitions"] = {"parameters": {"x": {"parameterType": "NUMBER_INTEGER"}}}
    source = {"componentInputParameter": "x" if kind is int else "absent"}
    made = document(pipeline, {"exec-tell": {"secretAsEnv": [secret(name=source, a="A")]}})
    result = done(made, settings(), x=5)
    assert "the name of a secret, ConfigMap or volume claim is" in str(result.tasks["tell"].error)


def test_secrets_are_told_and_stored_nowhere(settings: Settings, kfp_home: Path, tmp_path: Path) -> None:
    value = "geheim-4711"
    (tmp_path / "s.yaml").write_text(f"db: {{password: {value}}}\n")
    pipeline = Pipeline()
    pipeline.python("def use():\n    import os\n    assert len(os.environ['P']) == 11\n    raise ValueError\n")
    pipeline.task("use")
    volume = {"secretNameParameter": constant("db"), "mountPath": "/tmp/kfp-secrets"}
    volumes = [volume] if places._why_not() is None else []
    made = document(pipeline, {"exec-use": {"secretAsEnv": [secret(password="P")], "secretAsVolume": volumes}})
    told: list[Event] = []
    result = done(made, settings(secrets=tmp_path / "s.yaml"), told)
    assert str(result.error).endswith("ValueError")
    assert value not in repr(told) + repr(result)
    kept = [path for place in (kfp_home, tmp_path / "root") for path in place.rglob("*") if path.is_file()]
    assert {"settings.json", "pipeline.json", "runs.db"} <= {path.name for path in kept}
    assert [path for path in kept if value.encode() in path.read_bytes()] == []


def test_fields_of_the_pod(settings: Settings) -> None:
    paths = {
        "NAME": "metadata.name", "SPACE": "metadata.namespace", "UID": "metadata.uid",
        "APP": "metadata.labels['app']", "NOTE": "metadata.annotations['note']", "NONE": "metadata.labels['none']",
        "LABELS": "metadata.labels", "IP": "status.podIP",
    }  # fmt: skip
    made = document(
        telling(*paths),
        {"exec-tell": {
            "fieldPathAsEnv": [{"name": name, "fieldPath": path} for name, path in paths.items()],
            "podMetadata": {"labels": {"app": "trainer", "x": "y"}, "annotations": {"note": "hello"}},
        }},
    )  # fmt: skip
    told: list[Event] = []
    result = done(made, settings(), told)
    values = result.outputs["Output"]
    assert values.pop("NAME") == f"{result.run_id[:8]}-tell-1"
    assert len(values.pop("UID")) == 36
    assert values == {
        "SPACE": "default", "APP": "trainer", "NOTE": "hello", "NONE": "", "LABELS": 'app="trainer"\nx="y"',
        "IP": "127.0.0.1",
    }  # fmt: skip


def test_a_step_that_takes_too_long_fails_and_is_tried_again(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time is over when the first attempt sleeps, and not before: the second one has as much as it needs."""
    asleep = threading.Event()
    time_is_over_once(asleep, monkeypatch)
    pipeline = Pipeline()
    pipeline.python(
        f"""
        def slow() -> int:
            import pathlib, time
            mark = pathlib.Path({str(tmp_path / "mark")!r})
            if not mark.exists():
                mark.touch()
                print("sleeping", flush=True)
                time.sleep(600)
            return 1
        """,
        outputs={"Output": int},
    )
    pipeline.task("slow", retryPolicy={"maxRetryCount": 1})
    told: list[Event] = []

    def hear(event: Event) -> None:
        told.append(event)
        if isinstance(event, events.TaskLog):
            asleep.set()
        elif isinstance(event, events.TaskRetried):
            asleep.clear()

    made = document(pipeline, {"exec-slow": {"activeDeadlineSeconds": "1"}})
    result = run(made, {}, settings=settings(), on_event=hear)
    assert result.state is State.SUCCEEDED
    (again,) = [each for each in told if isinstance(each, events.TaskRetried)]
    assert again.error.startswith("the step ran longer than 1 s (log: ")
    assert again.error.endswith("\nsleeping")


def test_a_pipeline_that_takes_too_long_is_canceled(settings: Settings) -> None:
    pipeline = Pipeline()
    pipeline.python("def slow():\n    import time\n    time.sleep(600)\n")
    pipeline.task("slow")
    result = done(document(pipeline, {}, {"activeDeadlineSeconds": 1, "resourceTtlOnCompletion": 5}), settings())
    assert (result.state, result.error) == (State.CANCELED, "the run was stopped after 1 s")


def test_times_to_live_of_a_run_are_noticed_once(settings: Settings) -> None:
    told: list[Event] = []
    done(document(telling(), {}, {"resourceTtlOnCompletion": 5, "resourceTtlOnSuccess": 6}), settings(), told)
    (notice,) = [each.message for each in told if isinstance(each, events.RunNotice)]
    assert notice == (
        "these settings do nothing on this machine: PipelineConfig(ttl_seconds_after_finished); "
        "PipelineConfig(ttl_seconds_after_success)"
    )


@pytest.mark.parametrize(
    "setting",
    [
        {"secretAsEnv": [{"keyToEnv": [{"secretKey": "a"}], "secretName": "s"}]},
        {"secretAsEnv": 5},
        {"secretAsEnv": [5]},
        {"secretAsEnv": [{"secretNameParameter": {"nobody": 1}}]},
        {"pvcMount": [{"constant": "p", "mountPath": "relative"}]},
        {"pvcMount": [{"constant": "p", "mountPath": "/a/../b"}]},
        {"pvcMount": [{"constant": "p", "mountPath": "/"}]},
        {"emptyDirMounts": [{"mountPath": "/a"}]},
        {"activeDeadlineSeconds": "soon"},
        {"podMetadata": 5},
    ],
    ids=json.dumps,
)
def test_settings_that_are_malformed(settings: Settings, setting: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match=r"^platforms\.kubernetes\.deploymentSpec\.executors\.exec-tell: "):
        done(document(telling(), {"exec-tell": setting}), settings())


def test_names_as_backends_before_kfp_2_4_have_them(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("db: {a: '1'}\n")
    old = {"secretName": "db", "keyToEnv": [{"secretKey": "a", "envVar": "A"}]}
    result = done(document(telling("A"), {"exec-tell": {"secretAsEnv": [old]}}), settings(secrets=tmp_path / "s.yaml"))
    assert result.outputs["Output"] == {"A": "1"}
