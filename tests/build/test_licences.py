from __future__ import annotations

import pytest

from kfp.build.licences import Licences, licences

HEAD = "Metadata-Version: 2.4\nName: x\nVersion: 1\n"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["License-Expression: MIT OR Apache-2.0", "License: other"], [{"expression": "MIT OR Apache-2.0"}]),
        (["License: MIT"], [{"license": {"id": "MIT"}}]),
        (["License: apache-2.0"], [{"license": {"id": "Apache-2.0"}}]),
        (["License: Dual License"], [{"license": {"name": "Dual License"}}]),
        (["License: UNKNOWN"], []),
        ([], []),
        (["Classifier: License :: OSI Approved :: MIT License"], [{"license": {"id": "MIT"}}]),
        (["Classifier: License :: OSI Approved", "Classifier: Topic :: Software"], []),
        (["Classifier: License :: OSI Approved :: BSD License"], [{"license": {"name": "BSD License"}}]),
        (
            ["License: BSD-3-Clause", "Classifier: License :: OSI Approved :: BSD License"],
            [{"license": {"id": "BSD-3-Clause"}}],
        ),
        (
            [
                "Classifier: License :: OSI Approved :: MIT License",
                "Classifier: License :: OSI Approved :: Apache Software License",
            ],
            [{"license": {"id": "MIT"}}, {"license": {"id": "Apache-2.0"}}],
        ),
        (["License: Copyright (c) 2005", "        All rights reserved.", "        |"], []),
        (["License: " + "long " * 30], []),
    ],
)
def test_what_metadata_says(lines: list[str], expected: Licences) -> None:
    text = HEAD + "".join(f"{line}\n" for line in lines)
    assert licences(text) == expected
    assert licences(f"{text}\nLicense: in the description\nLicense-Expression: likewise\n") == expected
