"""Settings of tasks, with constants and with channels."""

from conformance import steps
from conformance.cases import component, pipeline
from kfp import dsl


@pipeline
def cpu():
    steps.done().set_cpu_limit("1").set_cpu_request("500m")
    steps.done().set_cpu_limit("1.5")
    steps.done().set_cpu_request("2")


@pipeline
def memory():
    steps.done().set_memory_limit("4G").set_memory_request("512Mi")
    steps.done().set_memory_limit("1Ki")
    steps.done().set_memory_request("1000000")
    steps.done().set_memory_limit("2E")
    steps.done().set_memory_limit("3M")


@pipeline
def every_unit_of_memory():
    for unit in ("E", "Ei", "P", "Pi", "T", "Ti", "G", "Gi", "M", "Mi", "K", "Ki"):
        steps.done().set_memory_limit(f"2{unit}")


@pipeline
def accelerators():
    steps.done().set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(2)
    steps.done().set_accelerator_type("NVIDIA_TESLA_A100").set_accelerator_limit("1")
    steps.done().set_accelerator_type("tpu-v3").set_accelerator_limit(8)


@pipeline
def gpu_limit():
    steps.done().set_gpu_limit("1")
    steps.done().set_gpu_limit(2)


@pipeline
def add_node_selector_constraint():
    steps.done().add_node_selector_constraint("nvidia.com/gpu").set_accelerator_limit(1)


@pipeline
def resources_from_parameters(cpu: str, memory: str, accelerator: str, number: str):
    task = steps.done()
    task.set_cpu_limit(cpu).set_cpu_request(cpu)
    task.set_memory_limit(memory).set_memory_request(memory)
    task.set_accelerator_type(accelerator).set_accelerator_limit(number)


@pipeline
def resources_from_tasks():
    cpu = steps.say(text="1")
    task = steps.done()
    task.set_cpu_limit(cpu.output)
    task.set_memory_limit(steps.say(text="1G").output)
    task.set_accelerator_type(steps.say(text="nvidia.com/gpu").output).set_accelerator_limit(steps.say(text="1").output)


@pipeline
def resources_from_the_items_of_a_loop():
    with dsl.ParallelFor([{"cpu": "1", "memory": "2G"}]) as item:
        steps.done().set_cpu_limit(item.cpu).set_memory_limit(item.memory)


@pipeline
def environment_variables():
    steps.done().set_env_variable("A", "b").set_env_variable("C", "with space").set_env_variable("EMPTY", "")


@pipeline
def an_environment_variable_set_twice():
    steps.done().set_env_variable("A", "1").set_env_variable("A", "2")


@pipeline
def placeholders_in_environment_variables():
    steps.done().set_env_variable("JOB", dsl.PIPELINE_JOB_NAME_PLACEHOLDER)


@pipeline
def caching():
    steps.done()
    steps.done().set_caching_options(True)
    steps.done().set_caching_options(False)
    steps.done().set_caching_options(enable_caching=True, cache_key="my-key")


@pipeline
def display_names():
    steps.done().set_display_name("A name: with ünï")
    steps.done().set_display_name("twice")
    steps.done().set_display_name("twice")


@pipeline
def retries():
    steps.done().set_retry(3)
    steps.done().set_retry(num_retries=2, backoff_duration="30s", backoff_factor=3.0, backoff_max_duration="3h")
    steps.done().set_retry(1, backoff_duration="5m")
    steps.done().set_retry(0)
    steps.done().set_retry(1, backoff_max_duration="2h", backoff_factor=1)


@pipeline
def container_images(image: str):
    steps.done().set_container_image("alpine:3")
    steps.done().set_container_image(image)
    steps.done().set_container_image(f"registry.example.com/{image}:v1")
    steps.done().set_container_image(steps.say(text="alpine").output)


@pipeline
def settings_of_container_components(x: str):
    @dsl.container_component
    def step(a: str):
        return dsl.ContainerSpec(image="alpine", command=["echo", a])

    step(a=x).set_cpu_limit("1").set_env_variable("A", "x").set_container_image("busybox")
    step(a=x)


@pipeline
def containers_of_tasks(x: str, tag: str):
    @dsl.container_component
    def step(a: str, rest: str = "none"):
        return dsl.ContainerSpec(image="alpine", command=["echo", a], args=[dsl.ConcatPlaceholder(["--rest=", rest])])

    changed = step(a=x)
    changed.container_spec.image = "busybox:1"
    changed.container_spec.command = ["printf", "%s"]
    changed.container_spec.args.append("--more")
    step(a=x)
    python = steps.say(text=x)
    python.container_spec.image = "first"
    python.set_container_image("second")
    named = steps.say(text=x)
    named.container_spec.image = f"registry.example.com/alpine:{tag}"


@pipeline
def settings_inside_groups(x: int, cpu: str):
    with dsl.If(x > 1):
        steps.done().set_cpu_limit(cpu)
        with dsl.ParallelFor([1, 2]) as item:
            steps.add(a=item).set_retry(2).set_caching_options(False).set_memory_limit("1G")


@pipeline
def constant_settings_inside_groups(x: int):
    with dsl.If(x > 1):
        steps.done().set_cpu_limit("2").set_env_variable("X", "y")
        with dsl.ParallelFor([1, 2]) as item:
            steps.add(a=item).set_retry(2).set_caching_options(False).set_memory_limit("1G")


@component
def settings_of_subpipelines():
    @dsl.pipeline
    def inner(a: int):
        steps.add(a=a).set_cpu_limit("1").set_caching_options(False)

    @dsl.pipeline
    def settings_of_subpipelines(x: int):
        inner(a=x).set_caching_options(False)
        inner(a=x).set_display_name("Inner")
        inner(a=x).set_retry(2)
        inner(a=x)

    return settings_of_subpipelines


@pipeline
def all_at_once(x: int):
    steps.add(a=x).set_cpu_limit("2").set_memory_limit("1Gi").set_accelerator_type("T4").set_accelerator_limit(
        1
    ).set_env_variable("A", "b").set_caching_options(True, cache_key="k").set_display_name("All").set_retry(
        2
    ).set_container_image("python:3.12")


@pipeline
def debug_pause():
    steps.done().set_debug_pause()
    steps.done().set_debug_pause(before=True, after=False)
    steps.done().set_debug_pause(before=False, after=True, on_error=True)
