"""What exists already becomes an artifact of the pipeline: nothing is copied, and it gets a type and metadata.

`dsl.importer` takes a URI, here a pipeline's parameter: `gs://`, `s3://`, `https://`, or the path of a file. Without
`reimport` an artifact that was imported before is used again.
"""

from kfp import dsl
from kfp.dsl import Dataset, Input


@dsl.component
def longest_word(text: Input[Dataset]) -> str:
    with open(text.path) as file:
        words = file.read().split()
    print(f"{len(words)} words in {text.metadata['language']}")
    return max(words, key=len)


@dsl.pipeline(name="imported-text")
def imported_text(uri: str, language: str = "English") -> str:
    """Find the longest word of a text that lies somewhere."""
    text = dsl.importer(
        artifact_uri=uri,
        artifact_class=Dataset,
        reimport=False,
        metadata={"language": language, "source": "a library"},
    )
    return longest_word(text=text.output).output
