//! The state as a command sees it: the tables, under what is due by now, and what its predecessors in a
//! batch have changed

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::IpAddr;

use ipnet::IpNet;

mod block;
mod delta;
mod freed;
mod note;
mod overlay;
mod reshape;
mod timed;

pub(crate) use block::BlockView;

use super::State;
use super::interface::Interface;
use super::occupant::Occupant;
use super::owners::{List, Unit};
use super::selection::Selection;
use super::subnet::Subnet;
use super::table::Ix;
use super::vpc::Vpc;
use crate::id::{InterfaceId, Revision, SubnetId, Timestamp, VpcId};
use crate::rules::Policy;
use crate::space::address::{Family, Span};
use crate::space::index::Indices;
use crate::space::list::AddrList;
use overlay::Overlay;

/// Reads through an overlay
#[derive(Debug)]
pub(crate) struct View<'a> {
    state: &'a State,
    at: Timestamp,
    /// None yet for a single command, which nothing precedes, where nothing is due
    overlay: Option<Box<Overlay>>,
    /// Whether more may be chosen from what was noted
    choosing: bool,
}

impl<'a> View<'a> {
    /// The state at a time, which is not before its clock
    #[inline]
    pub(crate) fn new(state: &'a State, at: Timestamp) -> Self {
        let mut view = Self { state, at, overlay: None, choosing: false };
        if state.is_due(at) {
            view.sweep();
        }
        view
    }

    /// The same, for several commands, each of which may choose from what the others leave
    pub(crate) const fn choosing(mut self) -> Self {
        self.choosing = true;
        self
    }

    /// The time
    pub(crate) const fn at(&self) -> Timestamp {
        self.at
    }

    /// The revision that is being made
    pub(crate) const fn making(&self) -> Revision {
        self.state.revision.next()
    }

    /// What was noted, to read
    fn seen(&self) -> &Overlay {
        static NOTHING: Overlay = Overlay::NOTHING;
        self.overlay.as_deref().unwrap_or(&NOTHING)
    }

    /// What was noted, to note more
    fn over(&mut self) -> &mut Overlay {
        self.overlay.get_or_insert_default()
    }

    #[inline]
    pub(crate) fn find_vpc(&self, id: &VpcId) -> Option<Ix<Vpc>> {
        match &self.overlay {
            None => self.state.vpcs.find(id),
            Some(over) => over.vpcs.find(&self.state.vpcs, id),
        }
    }

    #[inline]
    pub(crate) fn find_subnet(&self, id: &SubnetId) -> Option<Ix<Subnet>> {
        match &self.overlay {
            None => self.state.subnets.find(id),
            Some(over) => over.subnets.find(&self.state.subnets, id),
        }
    }

    #[inline]
    pub(crate) fn find_interface(&self, id: &InterfaceId) -> Option<Ix<Interface>> {
        match &self.overlay {
            None => self.state.interfaces.find(id),
            Some(over) => over.interfaces.find(&self.state.interfaces, id),
        }
    }

    pub(crate) fn vpc(&self, ix: Ix<Vpc>) -> Option<&Vpc> {
        self.seen().vpcs.get(&self.state.vpcs, ix)
    }

    #[inline]
    pub(crate) fn subnet(&self, ix: Ix<Subnet>) -> Option<&Subnet> {
        match &self.overlay {
            None => self.state.subnets.get(ix),
            Some(over) => over.subnet(&self.state.subnets, ix),
        }
    }

    #[inline]
    pub(crate) fn interface(&self, ix: Ix<Interface>) -> Option<&Interface> {
        let Some(over) = &self.overlay else { return self.state.interfaces.get(ix) };
        let changed = over.changed.get(&ix);
        changed.or_else(|| over.interfaces.get(&self.state.interfaces, ix))
    }

    #[inline]
    pub(crate) fn subnet_id(&self, ix: Ix<Subnet>) -> Option<&SubnetId> {
        match &self.overlay {
            None => self.state.subnets.id_ref(ix),
            Some(over) => over.subnets.id_ref(&self.state.subnets, ix),
        }
    }

    pub(crate) fn vpc_id(&self, ix: Ix<Vpc>) -> Option<&VpcId> {
        self.seen().vpcs.id_ref(&self.state.vpcs, ix)
    }

    pub(crate) fn interface_id(&self, ix: Ix<Interface>) -> Option<InterfaceId> {
        self.seen().interfaces.id_ref(&self.state.interfaces, ix).copied()
    }

    #[inline(always)]
    pub(crate) fn block(&self, subnet: Ix<Subnet>, family: Family) -> Option<BlockView<'_>> {
        let record = self.subnet(subnet)?;
        let (block, rules) = (record.block(family)?, record.profile.family(family));
        let delta = self.overlay.as_ref().and_then(|over| over.blocks.get(&(subnet, family)));
        Some(BlockView { block, rules, delta: delta.map(|delta| &**delta) })
    }

    /// The block that addresses of one family would lie in
    pub(crate) fn block_of(&self, subnet: Ix<Subnet>, of: &AddrList) -> Option<BlockView<'_>> {
        self.block(subnet, of.family()?)
    }

    /// Interfaces whose home the subnet is
    pub(crate) fn homes(&self, subnet: Ix<Subnet>) -> u64 {
        let changed = self.seen().homes.get(&subnet).copied();
        changed.or_else(|| Some(self.subnet(subnet)?.homes.into())).unwrap_or_default()
    }

    /// The indices that the subnet keeps
    pub(crate) fn indices(&self, subnet: Ix<Subnet>) -> Indices {
        let changed = self.seen().indices.get(&subnet).copied();
        changed.or_else(|| Some(self.subnet(subnet)?.indices())).unwrap_or_default()
    }

    /// The policy that a subnet follows and how far it has come, unless it chooses the lowest
    pub(crate) fn selection(&self, ix: Ix<Subnet>) -> Option<&Selection> {
        self.selection_of(ix, self.subnet(ix)?)
    }

    /// The same of a subnet that was found
    #[inline]
    pub(crate) fn selection_of<'s>(
        &'s self,
        ix: Ix<Subnet>,
        subnet: &'s Subnet,
    ) -> Option<&'s Selection> {
        let Some(over) = &self.overlay else { return subnet.selection() };
        match over.selections.get(&ix) {
            Some(changed) => Some(changed).filter(|of| of.policy != Policy::Lowest),
            None => subnet.selection(),
        }
    }

    /// Whether a subnet keeps the order of release
    pub(super) fn remembers(&self, ix: Ix<Subnet>) -> bool {
        self.selection(ix).is_some_and(|of| of.policy == Policy::LongestReleased)
    }

    /// The subnet of a VPC that an address lies in
    pub(crate) fn subnet_at(&self, vpc: Ix<Vpc>, address: IpAddr) -> Option<Ix<Subnet>> {
        self.overlapping(vpc, IpNet::from(address))
    }

    /// The lowest subnet of a VPC that has addresses of `cidr`
    pub(crate) fn overlapping(&self, vpc: Ix<Vpc>, cidr: IpNet) -> Option<Ix<Subnet>> {
        self.lowest_subnet(vpc, Family::of(cidr.addr()), Span::of_net(cidr))
    }

    /// The other subnets of a VPC that have addresses of `cidr`, the lowest first
    pub(crate) fn others_overlapping(
        &self,
        vpc: Ix<Vpc>,
        own: Option<Ix<Subnet>>,
        cidr: IpNet,
    ) -> impl Iterator<Item = Ix<Subnet>> {
        let (family, Span { first, last }) = (Family::of(cidr.addr()), Span::of_net(cidr));
        let mut from = Some(first);
        let all = core::iter::from_fn(move || {
            let found = self.lowest_subnet(vpc, family, Span::new(from?, last)?)?;
            from = self.last_of(family)(found).and_then(|last| last.checked_add(1));
            Some(found)
        });
        all.filter(move |&found| Some(found) != own)
    }

    /// A subnet of a VPC, if it has any: the lowest, IPv4 before IPv6
    pub(crate) fn any_subnet(&self, vpc: Ix<Vpc>) -> Option<Ix<Subnet>> {
        let all = Span { first: 0, last: u128::MAX };
        Family::ALL.into_iter().find_map(|family| self.lowest_subnet(vpc, family, all))
    }

    fn lowest_subnet(&self, vpc: Ix<Vpc>, family: Family, span: Span) -> Option<Ix<Subnet>> {
        let kept = self.kept_subnet(vpc, family, span);
        let gained = self.seen().gained.get(&vpc);
        let gained = gained.and_then(|map| map.lowest(family, span, self.last_of(family)));
        let base = |ix: &Ix<Subnet>| Some(self.subnet(*ix)?.block(family)?.span().first);
        match (kept, gained) {
            (Some(kept), Some(gained)) => [kept, gained].into_iter().min_by_key(base),
            (kept, gained) => kept.or(gained),
        }
    }

    /// The lowest subnet of the VPC's own map that has addresses of `span`, and is not gone
    fn kept_subnet(&self, vpc: Ix<Vpc>, family: Family, span: Span) -> Option<Ix<Subnet>> {
        let map = &self.vpc(vpc)?.subnets;
        let gone = self.seen().gone.get(&(vpc, family));
        let mut rest = Some(span);
        loop {
            // The map has subnets of the table, where that says they are.
            let place = |ix| Some(self.state.subnets.get(ix)?.block(family)?.span());
            let last = |ix| place(ix).map(|span| span.last);
            let subnet = map.lowest(family, rest?, last)?;
            let Some(gone) = gone else { return Some(subnet) };
            let first = place(subnet)?.first;
            let Some((run, ())) = gone.get(first) else { return Some(subnet) };
            rest = run.last.checked_add(1).and_then(|first| Span::new(first, span.last));
        }
    }

    /// Where a subnet ends
    fn last_of(&self, family: Family) -> impl Fn(Ix<Subnet>) -> Option<u128> + '_ {
        move |ix| Some(self.subnet(ix)?.block(family)?.span().last)
    }

    /// The blocks that an interface may have something of, by rising subnet id and family
    pub(crate) fn blocks_of(&self, ix: Ix<Interface>) -> Vec<(SubnetId, Ix<Subnet>, Family)> {
        let holdings = self.interface(ix).into_iter().flat_map(Interface::holdings);
        let listed = holdings.map(|holding| (holding.subnet(), holding.family()));
        let touched = self.seen().touched.get(&ix).into_iter().flatten().copied();
        let mut blocks: Vec<(SubnetId, Ix<Subnet>, Family)> = listed
            .chain(touched)
            .filter_map(|(subnet, family)| Some((*self.subnet_id(subnet)?, subnet, family)))
            .collect();
        blocks.sort_unstable();
        blocks.dedup();
        blocks
    }

    /// The list of what an interface has of a block, but for what changed
    fn list(&self, ix: Ix<Interface>, subnet: Ix<Subnet>, family: Family) -> Option<List> {
        if let Some(lists) = self.seen().lists.get(&(subnet, family)) {
            return lists.get(&ix).copied();
        }
        // What the batch itself has made has no list yet.
        let kept = self.interface(ix).filter(|_| subnet.position_outside().is_none());
        kept?.list(subnet, family)
    }

    /// What an interface has of a block, in order of assignment
    pub(crate) fn holding(
        &self,
        ix: Ix<Interface>,
        subnet: Ix<Subnet>,
        family: Family,
    ) -> Vec<(Unit, Occupant)> {
        let Some(view) = self.block(subnet, family) else { return Vec::new() };
        let list = self.list(ix, subnet, family);
        let kept = list.into_iter().flat_map(|list| view.block.owners.iter(list));
        let kept = kept.filter(|(unit, _)| view.is_unchanged(unit.span.first));
        let kept = kept.filter_map(|(unit, _)| Some((unit, view.occupant(unit.span.first)?)));
        kept.chain(view.order_of(ix)).collect()
    }
}
