"""Torch's threads are put back as they were."""

import pytest
import torch

from spikeloom.learning.threads import one_thread


@pytest.fixture
def three_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("three_threads")
def test_one_thread_within_and_as_before_after():
    with one_thread():
        assert torch.get_num_threads() == 1
        with one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 3
    with one_thread(False):
        assert torch.get_num_threads() == 3


@pytest.mark.usefixtures("three_threads")
def test_after_an_error_too():
    def fail():
        with one_thread():
            raise RuntimeError("here")

    with pytest.raises(RuntimeError, match="here"):
        fail()
    assert torch.get_num_threads() == 3
