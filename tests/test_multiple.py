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


def test_the_q_values_of_r() -> None:
    # R 4.2.2, p.adjust
    p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269, 0.275, 0.34, 0.341]
    p += [0.384, 0.569, 0.594, 0.696, 0.762, 0.94, 0.942, 0.975, 0.986]
    q = [0.025, 0.1, 0.21, 0.21, 0.21, 0.25, 0.264285714286, *[0.491071428571] * 7, 0.5328125, 0.5328125]
    q += [0.564705882353, 0.781578947368, 0.781578947368, 0.87, 0.907142857143, *[0.986] * 4]
    strict = [0.0953989544438, 0.3815958177754, *[0.8013512173282] * 3, 0.9539895444384, *[1.0] * 19]
    assert benjamini_hochberg(p) == pytest.approx(q, abs=1e-11)
    assert benjamini_yekutieli(p) == pytest.approx(strict, abs=1e-11)


def test_a_test_that_was_not_made_does_not_count() -> None:
    assert benjamini_hochberg([0.01, np.nan, 0.5]) == pytest.approx([0.02, np.nan, 0.5], nan_ok=True)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, np.inf])
def test_what_is_no_p_value_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        benjamini_yekutieli([wrong])
