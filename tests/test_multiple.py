"""Q-values on paper, and what holds for all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoanalyse.stats.multiple import benjamini_hochberg, benjamini_yekutieli


@given(p=st.lists(st.floats(0, 1), max_size=40))
def test_q_values_keep_the_order_and_are_never_below_p(p: list[float]) -> None:
    found = np.array(p)
    q, strict = benjamini_hochberg(found), benjamini_yekutieli(found)
    assert (q >= found - 1e-12).all()
    assert (strict >= q - 1e-12).all()
    assert (strict <= 1).all()
    assert (np.diff(q[np.argsort(found, kind="stable")]) >= -1e-12).all()


def test_a_test_that_was_not_made_does_not_count() -> None:
    assert benjamini_hochberg([0.01, np.nan, 0.5]) == pytest.approx([0.02, np.nan, 0.5], nan_ok=True)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, np.inf])
def test_what_is_no_p_value_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        benjamini_yekutieli([wrong])
