//! A subnet's policy, and its progress

use crate::rules::Policy;
use crate::space::address::{Family, PerFamily};

/// A policy, and how far it has come in each family
// INVARIANT: a subnet that chooses the lowest has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    pub(crate) policy: Policy,
    /// Of `Next`, the offset that is looked at first; of `Random`, the draws made; else 0
    pub(crate) position: PerFamily<u128>,
}

impl Selection {
    /// A policy at its beginning
    pub(crate) const fn new(policy: Policy) -> Self {
        Self { policy, position: PerFamily { v4: 0, v6: 0 } }
    }

    /// Whether a position may be one of a family whose last offset this is; `None` if it has none at all
    pub(crate) fn may_be_at(&self, position: u128, last: u128) -> Option<bool> {
        match self.policy {
            Policy::Next => Some(position <= last),
            Policy::Random { .. } => Some(position <= u64::MAX.into()),
            _ => None,
        }
    }

    pub(crate) const fn at(&self, family: Family) -> u128 {
        *self.position.get(family)
    }
}
