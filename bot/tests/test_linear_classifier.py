"""Confidences of the linear classifier."""

from __future__ import annotations

import numpy as np

from components.linear_classifier import confidences


def test_confidences_add_up_and_keep_the_order() -> None:
    shares = confidences(np.array([[-1.0, 0.5, -0.2], [-0.9, -1.1, -1.0]]), 5.0)
    assert np.allclose(shares.sum(axis=1), 1.0)
    assert [list(np.argsort(-row)) for row in shares] == [[1, 2, 0], [0, 2, 1]]
    assert shares[0].max() > shares[1].max() + 0.3, "what is plainly nearest is more certain than what hardly is"


def test_large_distances_do_not_overflow() -> None:
    assert np.isfinite(confidences(np.array([[900.0, -900.0]]), 8.0)).all()
