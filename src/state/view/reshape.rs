//! Seeing a subnet in another shape: a copy of it, made of what is in use

use alloc::boxed::Box;

use ipnet::{Ipv4Net, Ipv6Net};
use triomphe::Arc;

use super::View;
use super::delta::BlockDelta;
use crate::id::SubnetId;
use crate::rules::Profile;
use crate::space::address::{Family, PerFamily};
use crate::state::reshape::Lists;
use crate::state::subnet::Subnet;
use crate::state::table::Ix;

impl View<'_> {
    /// Sees a subnet with these CIDRs and rules: what `State::reshape` does to the tables
    ///
    /// What the batch has changed stays a change, of the copy.
    pub(super) fn reshape(
        &mut self,
        id: &SubnetId,
        (v4, v6): (Option<Ipv4Net>, Option<Ipv6Net>),
        profile: &Profile,
    ) {
        let Some(ix) = self.find_subnet(id) else { return };
        let Some(before) = self.subnet(ix) else { return };
        let (vpc, homes, indices) = (before.vpc, before.homes, self.indices(ix));
        let selection = self.selection(ix).copied();
        let bases = PerFamily { v4: before.base(Family::V4), v6: before.base(Family::V6) };
        let Some(mut made) = Subnet::new(vpc, Arc::new(*profile), v4, v6) else { return };
        made.homes = homes;
        for family in Family::ALL {
            let before = self.block(ix, family).map(|view| view.block.span());
            self.reshape_block(ix, family, &mut made);
            let after = made.block(family).map(|block| block.span());
            if before != after {
                if let Some(before) = before {
                    self.leave_place(ix, vpc, family, before);
                }
                if let Some(after) = after {
                    let gained = self.over().gained.entry(vpc).or_default();
                    gained.insert(family, after.first, ix);
                }
            }
        }
        made.set_indices(indices);
        if let Some(selection) = selection {
            made.carry_policy(&selection, |family| *bases.get(family), &self.state.seeded);
        }
        let over = self.over();
        over.selections.remove(&ix);
        match over.subnets.made_mut(ix) {
            Some(place) => *place = made,
            None => {
                over.reshaped.insert(ix, Box::new(made));
            }
        }
    }

    /// Gives a subnet in its new shape what the old one has of a family
    fn reshape_block(&mut self, ix: Ix<Subnet>, family: Family, made: &mut Subnet) {
        let key = (ix, family);
        let (Some(from), Some(to)) = (self.block(ix, family), made.block_mut(family)) else {
            let over = self.over();
            over.blocks.remove(&key);
            over.lists.insert(key, Lists::new());
            return;
        };
        if to.has_shape_of(from.block) {
            *to = from.block.clone();
            return;
        }
        let remembers = self.remembers(ix);
        let list = |owner| self.list(owner, ix, family);
        let lists = to.carry(&from, list, remembers, &self.state.seeded);
        let delta = from.delta.map(|delta| delta.carried(from.block, to, remembers));
        let delta = delta.filter(|delta: &BlockDelta| !delta.is_nothing());
        let over = self.over();
        over.lists.insert(key, lists);
        match delta {
            Some(delta) => over.blocks.insert(key, Box::new(delta)),
            None => over.blocks.remove(&key),
        };
    }
}
