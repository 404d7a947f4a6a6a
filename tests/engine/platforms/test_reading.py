from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from kfp.engine.platforms.reading import Claim, Files, Name, Scratch, Settings, Variables, read_settings
from kfp.ir.spec import InputParameterSpec, TaskOutputParameterSpec
from tests.engine.platforms.running import constant

FROM_TASK = {"taskOutputParameter": {"producerTask": "make", "outputParameterKey": "name"}}
MADE = TaskOutputParameterSpec(producer_task="make", output_parameter_key="name")
TASK = Name(source=InputParameterSpec(task_output_parameter=MADE))
INPUT = Name(source=InputParameterSpec(component_input_parameter="x"))


@pytest.mark.parametrize(
    ("config", "settings"),
    [
        ({}, Settings()),
        (
            {"pvcMount": [
                {"constant": "data", "mountPath": "/a/"},
                {**FROM_TASK, "mountPath": "/b//c/./d", "subPath": "e"},
                {"componentInputParameter": "x", "mountPath": "/e"},
                {"pvcNameParameter": constant("new"), "constant": "old", "mountPath": "/f"},
            ]},
            Settings(claims=(
                Claim(Name("data"), "/a", ""), Claim(TASK, "/b/c/d", "e"), Claim(INPUT, "/e", ""),
                Claim(Name("new"), "/f", ""),
            )),
        ),
        (
            {"configMapAsVolume": [{"configMapName": "c", "mountPath": "/c", "optional": True}],
             "secretAsVolume": [{"secretNameParameter": FROM_TASK, "mountPath": "/s"}]},
            Settings(files=(Files("secret", TASK, "/s", False), Files("configMap", Name("c"), "/c", True))),
        ),
        (
            {"configMapAsEnv": [{"configMapName": "c", "keyToEnv": [{"configMapKey": "k", "envVar": "V"}]}]},
            Settings(variables=(Variables("configMap", Name("c"), (("k", "V"),), False),)),
        ),
        (
            {"emptyDirMounts": [{"volumeName": "v", "mountPath": "/v", "medium": "Memory"}],
             "genericEphemeralVolume": [{"volumeName": "w", "mountPath": "/w", "size": "1Gi"}]},
            Settings(scratch=(Scratch("v", "/v", True), Scratch("w", "/w"))),
        ),
        ({"activeDeadlineSeconds": "60"}, Settings(timeout=60)),
        ({"activeDeadlineSeconds": 0}, Settings()),
        ({"securityContext": {"runAsUser": "0"}, "imagePullPolicy": "IfNotPresent"}, Settings(user="0")),
        ({"securityContext": {"runAsGroup": "5", "runAsNonRoot": True}},
         Settings(user=":5", unread=("set_security_context(run_as_non_root)",))),
        ({"tolerations": [], "imagePullPolicy": "Always", "podAffinityOfTheFuture": {"a": 1}},
         Settings(unread=("set_image_pull_policy", "podAffinityOfTheFuture"))),
        ({"podMetadata": {"labels": {"a": "b"}}},
         Settings(labels={"a": "b"}, unread=("add_pod_label and add_pod_annotation",))),
    ],
)  # fmt: skip
def test_settings_as_documents_have_them(config: dict[str, Any], settings: Settings) -> None:
    assert read_settings(config, "here") == replace(settings, raw=config)


def test_what_has_names_and_places() -> None:
    volumes = {
        "pvcMount": [{**FROM_TASK, "mountPath": "/b"}],
        "emptyDirMounts": [{"volumeName": "v", "mountPath": "/v"}],
    }
    settings = read_settings(volumes, "here")
    assert (settings.has_volumes, settings.places, list(settings.names())) == (True, ("/b", "/v"), [TASK])
