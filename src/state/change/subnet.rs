//! Subnets that are created, changed and deleted

use ipnet::IpNet;

use super::{Fact, Fit, absent, subnet, unused};
use crate::error::Contradiction;
use crate::event::{SubnetCreated, SubnetDeleted, SubnetReshaped};
use crate::id::{SubnetId, VpcId};
use crate::space::address::Family;
use crate::state::State;
use crate::state::commit::Making;
use crate::state::index::{BlockKey, Ix};
use crate::state::subnet::{Block, Subnet, cidrs};
use crate::state::view::View;
use crate::state::vpc::SubnetMap;

impl Fact for SubnetCreated {
    fn fits(&self, view: &View<'_>) -> Fit {
        absent(view.find_subnet(&self.subnet))?;
        let vpc = view.find_vpc(&self.vpc).ok_or(Contradiction::Missing)?;
        lie_free(view, vpc, None, cidrs(self.v4, self.v6))?;
        Ok(None)
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        let Self { subnet, vpc, v4, v6, profile } = self;
        let Some(vpc) = state.vpcs.find(vpc) else { return };
        let shared = state.profiles.share(profile);
        let Some(record) = Subnet::new(vpc, shared, *v4, *v6) else {
            return state.profiles.release(profile);
        };
        let ix = state.subnets.insert(*subnet, record);
        making.met_subnet(subnet, ix);
        state.with_places(ix, |map, family, first| map.insert(family, first, ix));
    }
}

impl Fact for SubnetReshaped {
    fn fits(&self, view: &View<'_>) -> Fit {
        let ix = subnet(view, &self.subnet)?;
        let record = view.subnet(ix).ok_or(Contradiction::Missing)?;
        lie_free(view, record.vpc, Some(ix), cidrs(self.v4, self.v6))?;
        let after = [self.v4.map(IpNet::V4), self.v6.map(IpNet::V6)];
        for (family, cidr) in Family::ALL.into_iter().zip(after) {
            let Some(block) = view.block(ix, family) else { continue };
            let mut lost = block.outside(cidr).flat_map(|part| block.units_within(part));
            if lost.any(|(_, occupant)| occupant.interface().is_some()) {
                return Err(Contradiction::InUse);
            }
            if block.reserved_outside(cidr).next().is_some() {
                return Err(Contradiction::Outside);
            }
        }
        Ok(None)
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        if let Some(ix) = making.subnet(state, &self.subnet) {
            state.reshape(ix, (self.v4, self.v6), &self.profile);
        }
    }
}

impl Fact for SubnetDeleted {
    fn fits(&self, view: &View<'_>) -> Fit {
        let ix = subnet(view, &self.subnet)?;
        unused(view.users_of(ix) == (0, 0))?;
        Ok(None)
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        let Some(ix) = making.subnet(state, &self.subnet) else { return };
        state.with_places(ix, SubnetMap::remove);
        for family in Family::ALL {
            let block = state.subnets.get(ix).and_then(|subnet| subnet.block(family));
            if let Some(first) = block.and_then(Block::first_end) {
                state.resting.remove(&(first, BlockKey::new(ix, family)));
            }
        }
        state.note_deadlines();
        making.forget_subnet();
        let Some(gone) = state.subnets.remove(ix) else { return };
        state.profiles.release(&gone.profile);
    }
}

/// Whether a subnet may have these CIDRs, one at least: in its VPC, and beside its other subnets
fn lie_free(
    view: &View<'_>,
    vpc: Ix<VpcId>,
    own: Option<Ix<SubnetId>>,
    cidrs: impl Iterator<Item = IpNet>,
) -> Result<(), Contradiction> {
    let record = view.vpc(vpc).ok_or(Contradiction::Missing)?;
    let fits = |cidr: IpNet| {
        let mut others = view.others_overlapping(vpc, own, cidr);
        cidr == cidr.trunc() && record.allows(cidr) && others.next().is_none()
    };
    let mut cidrs = cidrs.peekable();
    if cidrs.peek().is_some() && cidrs.all(fits) { Ok(()) } else { Err(Contradiction::Cidr) }
}

impl State {
    /// Does something to the place of a subnet in its VPC's map of each family that it has
    pub(in crate::state) fn with_places<T>(
        &mut self,
        ix: Ix<SubnetId>,
        mut change: impl FnMut(&mut SubnetMap, Family, u128) -> T,
    ) {
        let Some(subnet) = self.subnets.get(ix) else { return };
        let Some(vpc) = self.vpcs.get_mut(subnet.vpc) else { return };
        for block in subnet.blocks() {
            change(&mut vpc.subnets, block.family, block.span().first);
        }
    }
}
