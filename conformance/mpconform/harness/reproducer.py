from __future__ import annotations
import pytest
def standalone(item: pytest.Item, judged: object) -> str:
    return ""
