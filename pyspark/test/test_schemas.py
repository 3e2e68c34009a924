import json
import re
from pathlib import Path

import pytest

from batch.table import SCHEMAS, TYPES

FILES = sorted(Path(SCHEMAS).glob("*.json"))


def test_every_table_of_the_jobs_has_a_schema() -> None:
    assert {file.stem for file in FILES} >= {"variants", "calls", "annotations", "patients", "variant_annotations"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
class TestSchema:
    def test_it_has_the_keys_of_a_schema_and_no_other(self, file: Path) -> None:
        schema = json.loads(file.read_text())
        assert list(schema) == ["table", "description", "sortedBy", "columns"]
        for column in schema["columns"]:
            assert list(column) == ["name", "type", "nullable", "description"]

    def test_it_is_named_as_its_file(self, file: Path) -> None:
        assert json.loads(file.read_text())["table"] == file.stem

    def test_its_columns_are_snake_case_distinct_typed_and_described(self, file: Path) -> None:
        columns = json.loads(file.read_text())["columns"]
        names = [column["name"] for column in columns]
        assert len(set(names)) == len(names)
        for column in columns:
            assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", column["name"])
            assert column["type"] in TYPES
            assert isinstance(column["nullable"], bool)
            assert column["description"].strip()

    def test_it_is_sorted_by_columns_it_has(self, file: Path) -> None:
        schema = json.loads(file.read_text())
        assert schema["sortedBy"]
        assert set(schema["sortedBy"]) <= {column["name"] for column in schema["columns"]}
