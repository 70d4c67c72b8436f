//! How subnets choose: policies, cursors, draws, indices

use super::{Fact, Fit, offsets, subnet};
use crate::error::Contradiction;
use crate::event::{CursorMoved, Drawn, IndicesSet, PolicySet};
use crate::id::SubnetId;
use crate::rules::Policy;
use crate::space::address::Family;
use crate::space::range::AddrRange;
use crate::state::State;
use crate::state::commit::Making;
use crate::state::index::Ix;
use crate::state::selection::Selection;
use crate::state::subnet::Subnet;
use crate::state::view::View;

impl Fact for IndicesSet {
    fn fits(&self, view: &View<'_>) -> Fit {
        subnet(view, &self.subnet).map(|_| None)
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        let superseded = making.superseded;
        if let Some(subnet) = making.subnet_mut(state, &self.subnet).filter(|_| !superseded) {
            subnet.set_indices(self.indices);
        }
    }
}

impl Fact for PolicySet {
    fn fits(&self, view: &View<'_>) -> Fit {
        subnet(view, &self.subnet).map(|_| None)
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        let Some(ix) = making.subnet(state, &self.subnet) else { return };
        let State { subnets, seeded, .. } = state;
        if let Some(subnet) = subnets.get_mut(ix) {
            subnet.set_policy(*self.policy, making.superseded, seeded);
        }
    }
}

impl Fact for CursorMoved {
    fn fits(&self, view: &View<'_>) -> Fit {
        let ix = subnet(view, &self.subnet)?;
        follows(view, ix, |policy| policy == Policy::Next)?;
        offsets(view, ix, AddrRange::one(self.address)).map(|_| None)
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        let Some(subnet) = making.subnet_mut(state, &self.subnet) else { return };
        let family = Family::of(self.address);
        let block = subnet.block(family);
        if let Some(offset) = block.and_then(|block| block.offset(self.address)) {
            subnet.move_policy(family, offset);
        }
    }
}

impl Fact for Drawn {
    fn fits(&self, view: &View<'_>) -> Fit {
        let ix = subnet(view, &self.subnet)?;
        follows(view, ix, |policy| matches!(policy, Policy::Random { .. }))?;
        view.block(ix, self.family).map(|_| None).ok_or(Contradiction::Outside)
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        if let Some(subnet) = making.subnet_mut(state, &self.subnet) {
            subnet.move_policy(self.family, self.draws.into());
        }
    }
}

/// Whether a subnet follows such a policy
fn follows(
    view: &View<'_>,
    ix: Ix<SubnetId>,
    is: impl Fn(Policy) -> bool,
) -> Result<(), Contradiction> {
    let selection = view.subnet(ix).and_then(Subnet::selection);
    let is = |of: &&Selection| is(of.policy);
    selection.filter(is).map(|_| ()).ok_or(Contradiction::Missing)
}
