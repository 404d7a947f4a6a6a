"""Settings of tasks: resources, accelerators, retries, caching, environment, images; constant and from channels."""
# ruff: noqa: ANN201 -- written as users of KFP write

from kfp import dsl


@dsl.component(base_image="python:3.11")
def number(x: int = 1) -> int:
    return x


@dsl.component(base_image="python:3.11")
def text(x: str = "a") -> str:
    return x


@dsl.pipeline
def pipeline(kind: str = "nvidia.com/gpu", amount: int = 1, memory: str = "1Gi"):
    image = text()
    number().set_accelerator_limit("2").set_accelerator_type("nvidia.com/gpu")
    number().set_accelerator_limit(0)
    number().set_accelerator_limit(8).set_cpu_limit("8")
    number().set_accelerator_type("TPU_V3")
    number().set_accelerator_type("NVIDIA_TESLA_K80").set_cpu_limit("1.5").set_memory_request("1Gi")
    number().set_accelerator_limit(amount).set_accelerator_type(kind)
    number().set_accelerator_limit(amount).set_accelerator_type("TPU_V3")
    number().set_accelerator_type(kind)
    number().set_accelerator_type(kind).set_accelerator_limit("3")
    number().set_accelerator_limit(amount).set_cpu_request("2000m")
    number().set_cpu_limit(kind).set_cpu_request(kind).set_memory_limit(memory).set_memory_request(memory)
    number().set_container_image(image.output)
    number().set_container_image("alpine").set_display_name("x")
    number().set_retry(3).set_caching_options(True, "key").set_caching_options(True, cache_key="key2")
    number().set_retry(3, "30s", 1.5, "2h").set_env_variable("A", "1").set_env_variable("A", "2")
    number().set_retry(0, backoff_max_duration="1s").set_caching_options(False)
    number().set_retry(2).set_retry(5, "1m").set_memory_limit("0Gi").set_cpu_limit("0")
    number().set_env_variable("A", dsl.PIPELINE_JOB_NAME_PLACEHOLDER).set_debug_pause()
    number().set_debug_pause(before=True).set_env_variable("A", "1")
    number().set_debug_pause(before=True, after=False)
    number().set_debug_pause(on_error=True)
    number().set_debug_pause(before=True, on_error=True)
    text(x=f"{dsl.PIPELINE_JOB_ID_PLACEHOLDER}/{dsl.PIPELINE_TASK_NAME_PLACEHOLDER}-{kind}")
    text(x=dsl.PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER + dsl.PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER)
    text(
        x=dsl.PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER + dsl.PIPELINE_ROOT_PLACEHOLDER + dsl.PIPELINE_TASK_ID_PLACEHOLDER
    )
