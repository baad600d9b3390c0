"""Pictures of the experiment ``dopamine-transfer``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spikeloom.analysis.conditioning import Steps

if TYPE_CHECKING:
    from spikeloom.experiments.dopamine_transfer import DopamineConfig, Session


def errors(seen: list[Steps]) -> Any:
    """The errors of the model of plain numbers: as a map over trials, and in three of them."""
    from spikeloom.plots.style import colour, figure, styled

    last, left_out = seen[-2], seen[-1]
    with styled():
        drawing = figure(7.2, 2.8)
        left, right = drawing.subplots(1, 2, width_ratios=(1, 1.2))
        shown = np.array([trial.error for trial in seen[:-1]])
        image = left.imshow(shown, aspect="auto", cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest")
        left.set(xlabel="step of the trial", ylabel="trial", title="the error moves from the US to the cue")
        drawing.colorbar(image, ax=left, label="error (of the US)")
        chosen = {"first trial": seen[0], "last trial": last, "US left out": left_out}
        for k, (name, trial) in enumerate(chosen.items()):
            right.plot(trial.error + 0.02 * (k - 1), color=colour(k), label=name, drawstyle="steps-mid")
        right.axvline(1, color="0.8", linewidth=0.7)
        right.axvline(last.us, color="0.8", linewidth=0.7)
        right.set(xlabel="step of the trial", ylabel="error (of the US)", title=f"cue in step 1, US in step {last.us}",
                  ylim=(-1.15, 1.15), xticks=range(0, last.us + 2, 2))  # fmt: skip
        right.legend(loc="lower center")
    return drawing


def responses(session: Session, config: DopamineConfig) -> Any:
    """Spikes and rates of the error cells of one animal: first trials, last trials, and those without the US."""
    from spikeloom.experiments.dopamine_transfer import CUE, FIRST, LAST, LENGTH, US
    from spikeloom.plots.style import colour, events, figure, styled

    critic = config.critic
    step = round(critic.step / critic.dt)
    trials = np.arange(len(session.rewarded))
    chosen = {
        f"first {FIRST} trials": trials[:FIRST],
        f"last {LAST} trials": trials[-LAST:][session.rewarded[-LAST:]],
        "US left out": trials[~session.rewarded],
    }
    trial, time = np.divmod(session.spikes.step, LENGTH * step)
    time = (time * critic.dt - CUE * critic.step) / 1000
    width = 0.05
    edges = np.arange(-CUE * critic.step / 1000, (LENGTH - CUE) * critic.step / 1000 + 1e-9, width)
    with styled():
        drawing = figure(7.2, 3.6)
        panels = drawing.subplots(2, 3, sharex=True, sharey="row")
        for k, (name, which) in enumerate(chosen.items()):
            above, below = panels[:, k]
            one = trial == which[-1]
            events(above, time[one], session.spikes.neuron[one].astype(float), colour(0), 1.6)
            hit = np.isin(trial, which)
            rate = np.histogram(time[hit], edges)[0] / (len(which) * round(critic.cells) * width)
            below.stairs(rate, edges, fill=True, color=colour(0), alpha=0.7)
            for axes in (above, below):
                axes.axvline(0, color="0.6", linewidth=0.8)
                axes.axvline((US - CUE) * critic.step / 1000, color="0.6", linewidth=0.8, linestyle=":")
            above.set_title(name)
            below.set_xlabel("time since the cue (s); dotted: US")
        panels[0, 0].set_ylabel("error cell, last trial")
        panels[1, 0].set_ylabel("rate (Hz)")
    return drawing


def learning(paired: list[Session], early: list[Session], config: DopamineConfig) -> Any:
    """The response to cue and US in the course of learning, mean of animals, in blocks of five trials."""
    from spikeloom.experiments.dopamine_transfer import CUE, US
    from spikeloom.plots.style import colour, figure, styled

    blocks = range(0, round(config.trials) - 4, 5)
    lines = {"US": (paired, US), "cue": (paired, CUE), "cue, US before it": (early, CUE)}
    with styled():
        drawing = figure(3.8, 2.6)
        axes = drawing.add_subplot()
        for k, (name, (sessions, event)) in enumerate(lines.items()):
            found = np.array([[s.response(event, slice(b, b + 5)) for b in blocks] for s in sessions])
            axes.plot(np.array(blocks) + 2.5, found.mean(axis=0), color=colour(k), label=name)
            axes.fill_between(np.array(blocks) + 2.5, found.min(0), found.max(0), color=colour(k), alpha=0.15, lw=0)
        axes.axhline(0, color="0.8", linewidth=0.7)
        axes.set(xlabel="trial", ylabel="response of error cells (Hz)", title="mean and range of animals")
        axes.legend(loc="upper center")
    return drawing
