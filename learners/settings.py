"""What can be tuned, in one place: a recipe uses what concerns it, and says in its row what it wants otherwise."""

from dataclasses import dataclass

from learners.adamw import Optimizer


@dataclass(frozen=True)
class Settings:
    """Numbers of all methods. All recipes share one optimizer; TENT has its own rate, for it has its own loss."""

    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    clip_norm: float = 5.0  # gradient norm; a guard against single bad batches

    ewc_strength: float = 1.0  # lambda: the past against the present batch
    ewc_decay: float = 0.9  # gamma: what is left of the old Fisher at a consolidation
    fisher: str = "sampled"  # or "empirical", "exact"
    fisher_draws: int = 2  # label draws for every group of frames
    fisher_frames: int = 16  # recent frames the Fisher looks at, and as many remembered ones

    l2_strength: float = 0.01
    si_strength: float = 1.0  # c
    si_xi: float = 1e-3  # [squared weight]; the paper's 0.1 is far above the squared way of 50 steps of AdamW
    si_decay: float = 0.9
    mas_strength: float = 0.1
    mas_decay: float = 0.9
    lwf_strength: float = 1.0
    lwf_temperature: float = 2.0
    lwf_teacher: str = "earlier self"  # of the last consolidation; or "ema", which follows at a distance
    lwf_follow: float = 1e-3  # share of the way to the learner that the teacher "ema" moves at an update

    mir_candidates: int = 50  # among so many frames the most interfered ones are sought
    mir_rate: float = 0.1  # learning rate of the virtual step
    der_alpha: float = 0.2  # weight of the imitated logits
    der_beta: float = 0.5  # weight of DER++'s second draw
    der_stride: int = 2  # logits are kept at every so many-th pixel along each side

    feature_bytes: int = 256_000  # of kept features and labels; never more than the memory's, where there is one
    feature_share: float = 1.0  # kept pixels for each new answered one

    gem_groups: int = 4  # constraints an update
    gem_margin: float = 0.5
    ogd_directions: int = 60  # each as large as the weights
    gpm_eps: float = 0.95  # share of a layer's input that its basis must hold
    kept_frames: int = 16  # recent frames that MAS, OGD and GPM look at, and as many remembered ones

    ssl_strength: float = 0.3
    ssl_block: int = 8  # side of a hidden block [pixels]
    cassle_strength: float = 0.3
    cassle_hidden: int = 64  # width of the predictor

    regime_source: str = "feature clusters"  # or "oracle season", "own alarm", where the agent tells
    regimes: int = 4  # at most
    regime_radius: float = 0.15  # distance at which a cluster is a new one
    prune: float = 0.5  # share of what it found free that a regime gives back
    prune_after: int = 200  # updates

    l2init_strength: float = 1e-3
    shrink_keep: float = 0.999
    shrink_noise: float = 0.001  # in first spreads
    shrink_every: int = 10  # updates
    cbp_rate: float = 1e-4  # share of mature channels begun anew at each update
    cbp_maturity: int = 100  # updates
    cbp_every: int = 10  # updates between two looks
    redo_tau: float = 0.025
    redo_every: int = 100  # updates

    adabn_momentum: float = 0.05  # share of a batch in the running statistics
    tent_learning_rate: float = 1e-4

    @property
    def optimizer(self) -> Optimizer:
        return Optimizer(self.learning_rate, self.weight_decay, clip_norm=self.clip_norm)
