from __future__ import annotations

import pytest

from anchorwatch.mlflow_address import Address, without_password


@pytest.mark.parametrize(
    "address",
    [
        Address("ab12", "sqlite:///mlflow.db", "3"),
        Address("ab12", "http://host:5000/mlflow/", "0", view="anchorwatch-behaviour-vs-loss"),
        Address("ab12", "file:///odd#/experiments/ folder", "3", view="k&y=#", last="cd34", baseline="ef56"),
    ],
)
def test_an_address_is_read_back_as_it_was(address: Address) -> None:
    assert Address.parse(str(address)) == address


def test_the_id_of_a_run_alone_is_an_address_too() -> None:
    assert Address.parse("ab12") == Address("ab12")


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("sqlite:///mlflow.db", "sqlite:///mlflow.db"),
        ("databricks://profile", "databricks://profile"),
        ("http://host:5000/x", "http://host:5000/x"),
        ("https://me:p@ss:w0rd@host:5000/x", "https://host:5000/x"),
        ("https://token@host", "https://host"),
        ("postgresql://me:secret@host/db", "postgresql://me:***@host/db"),
        ("mysql+pymysql://me@host/db", "mysql+pymysql://me@host/db"),
    ],
)
def test_a_password_is_never_shown(uri: str, shown: str) -> None:
    assert without_password(uri) == shown
