//! The state as a command sees it: the tables, under what its predecessors in a batch have changed

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::IpAddr;

use ipnet::IpNet;

use super::State;
use super::interface::Interface;
use super::overlay::{BlockDelta, Overlay};
use super::subnet::{Block, Subnet};
use super::table::Ix;
use super::vpc::Vpc;
use crate::error::Cause;
use crate::event::Change;
use crate::id::{InterfaceId, SubnetId, VpcId};
use crate::rules::FamilyRules;
use crate::space::address::{Family, Span, joined};
use crate::space::all_or_none;
use crate::space::index::Indices;
use crate::space::{list::AddrList, range::AddrRange};

/// Reads through an overlay
#[derive(Debug)]
pub(crate) struct View<'a> {
    state: &'a State,
    /// None yet for a single command, which nothing precedes
    overlay: Option<Box<Overlay>>,
}

/// One block, under what changed in it
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockView<'a> {
    pub(crate) block: &'a Block,
    rules: &'a FamilyRules,
    delta: Option<&'a BlockDelta>,
}

impl<'a> View<'a> {
    pub(crate) fn new(state: &'a State) -> Self {
        Self { state, overlay: None }
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
            Some(over) => over.subnets.get(&self.state.subnets, ix),
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

    pub(crate) fn interface_id(&self, ix: Ix<Interface>) -> Option<InterfaceId> {
        self.seen().interfaces.id_ref(&self.state.interfaces, ix).copied()
    }

    #[inline(always)]
    pub(crate) fn block(&self, subnet: Ix<Subnet>, family: Family) -> Option<BlockView<'_>> {
        let record = self.subnet(subnet)?;
        let (block, rules) = (record.block(family)?, record.profile.family(family));
        let delta = self.overlay.as_ref().and_then(|over| over.blocks.get(&(subnet, family)));
        Some(BlockView { block, rules, delta })
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

    /// The subnet of a VPC that an address lies in
    pub(crate) fn subnet_at(&self, vpc: Ix<Vpc>, address: IpAddr) -> Option<Ix<Subnet>> {
        self.overlapping(vpc, IpNet::from(address))
    }

    /// The lowest subnet of a VPC that has addresses of `cidr`
    pub(crate) fn overlapping(&self, vpc: Ix<Vpc>, cidr: IpNet) -> Option<Ix<Subnet>> {
        self.lowest_subnet(vpc, Family::of(cidr.addr()), Span::of_net(cidr))
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
            let subnet = map.lowest(family, rest?, self.last_of(family))?;
            let Some(gone) = gone else { return Some(subnet) };
            let first = self.subnet(subnet)?.block(family)?.span().first;
            let Some((run, ())) = gone.get(first) else { return Some(subnet) };
            rest = run.last.checked_add(1).and_then(|first| Span::new(first, span.last));
        }
    }

    /// Where a subnet ends
    fn last_of(&self, family: Family) -> impl Fn(Ix<Subnet>) -> Option<u128> + '_ {
        move |ix| Some(self.subnet(ix)?.block(family)?.span().last)
    }

    /// What an interface has, by rising subnet id and family, each ascending
    pub(crate) fn held_by(
        &self,
        ix: Ix<Interface>,
    ) -> Vec<(SubnetId, Ix<Subnet>, Family, Vec<Span>)> {
        let holdings = self.interface(ix).map(Interface::holdings).unwrap_or_default();
        let listed = holdings.iter().map(|holding| (holding.subnet(), holding.family()));
        let touched = self.seen().touched.get(&ix).into_iter().flatten().copied();
        let mut blocks: Vec<(SubnetId, Ix<Subnet>, Family)> = listed
            .chain(touched)
            .filter_map(|(subnet, family)| Some((*self.subnet_id(subnet)?, subnet, family)))
            .collect();
        blocks.sort_unstable();
        blocks.dedup();
        let mut held = Vec::new();
        for (id, subnet, family) in blocks {
            let Some(view) = self.block(subnet, family) else { continue };
            // What the batch itself has made has no list yet.
            let kept = self.interface(ix).filter(|_| subnet.position_outside().is_none());
            let list = kept.and_then(|interface| interface.list(subnet, family));
            let kept = list.into_iter().flat_map(|list| view.block.owners.iter(list));
            let kept = kept.map(|(offset, _)| offset);
            let kept = kept.filter(|&offset| view.unchanged(offset)).map(Span::one);
            let since = view.delta.into_iter().flat_map(|delta| delta.assigned_to(ix));
            let runs = joined(kept.chain(since).collect());
            if !runs.is_empty() {
                held.push((id, subnet, family, runs));
            }
        }
        held
    }

    /// Sees a change as made from here on
    ///
    /// The change must have been judged on this view, and found to fit. What this does to the overlay,
    /// `State::commit` does to the tables.
    pub(crate) fn note(&mut self, change: &Change) {
        match change {
            Change::Quarantined(_)
            | Change::RestEnded { .. }
            | Change::Held(_)
            | Change::TaskFinished(_)
            | Change::TokenKept(_)
            | Change::LimitsSet { .. }
            | Change::Swept => {}
            Change::VpcCreated { vpc, cidrs } => {
                self.over().vpcs.create(*vpc, Vpc::new(cidrs.clone()));
            }
            Change::VpcDeleted { vpc } => self.over().vpcs.delete(*vpc),
            Change::SubnetCreated { subnet, vpc, v4, v6, profile } => {
                let Some(vpc) = self.find_vpc(vpc) else { return };
                let profile = Arc::new(**profile);
                let Some(record) = Subnet::new(vpc, profile, *v4, *v6) else { return };
                self.add_subnet(*subnet, record);
            }
            Change::SubnetDeleted { subnet } => self.drop_subnet(*subnet),
            Change::InterfaceCreated { interface, subnet, status, quota } => {
                let Some(home) = self.find_subnet(subnet) else { return };
                let record = Interface::new(home, *status, *quota);
                self.over().interfaces.create(*interface, record);
                let homes = self.homes(home).saturating_add(1);
                self.over().homes.insert(home, homes);
            }
            Change::InterfaceDeleted { interface } => {
                let Some(ix) = self.find_interface(interface) else { return };
                let Some(home) = self.interface(ix).map(|interface| interface.home) else { return };
                let homes = self.homes(home).saturating_sub(1);
                self.over().homes.insert(home, homes);
                self.over().interfaces.delete(*interface);
            }
            Change::StatusSet { interface, status } => {
                self.with_interface(interface, |interface| interface.status = *status);
            }
            Change::QuotaSet { interface, quota } => {
                self.with_interface(interface, |interface| interface.set_quota(*quota));
            }
            Change::PrimarySet { interface, address } => {
                self.with_interface(interface, |interface| interface.set_primary(*address));
            }
            Change::RangeReserved { subnet, range } => {
                self.with_block(subnet, range.family(), [*range], BlockDelta::reserve);
            }
            Change::RangeReleased { subnet, range } => {
                self.with_block(subnet, range.family(), [*range], BlockDelta::unreserve);
            }
            Change::IndicesSet { subnet, indices } => {
                let Some(ix) = self.find_subnet(subnet) else { return };
                self.over().indices.insert(ix, *indices);
            }
            Change::Assigned { interface, subnet, addresses } => {
                self.assign(interface, subnet, addresses);
            }
            Change::Released { interface, subnet, addresses } => {
                let Some(family) = addresses.family() else { return };
                self.with_interface(interface, |interface| {
                    interface.lose(family, count(addresses), addresses.ranges());
                });
                self.with_block(subnet, family, addresses.ranges(), BlockDelta::release);
            }
        }
    }

    fn add_subnet(&mut self, id: SubnetId, record: Subnet) {
        let vpc = record.vpc;
        let spans = Family::ALL.map(|family| Some((family, record.block(family)?.span())));
        let ix = self.over().subnets.create(id, record);
        let gained = self.over().gained.entry(vpc).or_default();
        for (family, span) in spans.into_iter().flatten() {
            gained.insert(family, span.first, ix);
        }
    }

    fn drop_subnet(&mut self, id: SubnetId) {
        let Some(ix) = self.find_subnet(&id) else { return };
        let Some(record) = self.subnet(ix) else { return };
        let vpc = record.vpc;
        let spans = Family::ALL.map(|family| Some((family, record.block(family)?.span())));
        for (family, span) in spans.into_iter().flatten() {
            if ix.position_outside().is_some() {
                let gained = self.over().gained.entry(vpc).or_default();
                gained.remove(family, span.first);
            } else {
                self.forget_place(vpc, family, span);
            }
        }
        self.over().subnets.delete(id);
    }

    /// Marks the place of a subnet of the table as empty, up to the next subnet that is there
    fn forget_place(&mut self, vpc: Ix<Vpc>, family: Family, span: Span) {
        let Some(record) = self.state.vpcs.get(vpc) else { return };
        let above = span.last.checked_add(1);
        let above = above.and_then(|at| record.subnets.next(family, at));
        let last = above.map_or(u128::MAX, |(first, _)| first.saturating_sub(1));
        let gone = self.over().gone.entry((vpc, family)).or_default();
        gone.insert(Span { first: span.first, last }, ());
    }

    fn assign(&mut self, interface: &InterfaceId, subnet: &SubnetId, addresses: &AddrList) {
        let Some(owner) = self.find_interface(interface) else { return };
        let Some(from) = self.find_subnet(subnet) else { return };
        let Some(family) = addresses.family() else { return };
        self.over().touched.entry(owner).or_default().insert((from, family));
        self.with_interface(interface, |interface| interface.gain(family, count(addresses)));
        let assign = |delta: &mut BlockDelta, block: &Block, span| delta.assign(block, span, owner);
        self.with_block(subnet, family, addresses.ranges(), assign);
    }

    fn with_interface(&mut self, id: &InterfaceId, change: impl FnOnce(&mut Interface)) {
        let Some(ix) = self.find_interface(id) else { return };
        if let Some(made) = self.over().interfaces.made_mut(ix) {
            change(made);
        } else if let Some(changed) = self.over().changed.get_mut(&ix) {
            change(changed);
        } else if let Some(record) = self.state.interfaces.get(ix).cloned() {
            change(self.over().changed.entry(ix).or_insert(record));
        }
    }

    fn with_block(
        &mut self,
        id: &SubnetId,
        family: Family,
        ranges: impl IntoIterator<Item = AddrRange>,
        mut change: impl FnMut(&mut BlockDelta, &Block, Span),
    ) {
        let Some(ix) = self.find_subnet(id) else { return };
        let Overlay { subnets, blocks, .. } = &mut **self.overlay.get_or_insert_default();
        let subnet = subnets.get(&self.state.subnets, ix);
        let Some(block) = subnet.and_then(|subnet| subnet.block(family)) else { return };
        let delta = blocks.entry((ix, family)).or_default();
        for span in ranges.into_iter().filter_map(|range| block.offsets(range)) {
            change(delta, block, span);
        }
    }
}

/// As an interface counts what it holds
fn count(addresses: &AddrList) -> u64 {
    u64::try_from(addresses.count()).unwrap_or(u64::MAX)
}

impl BlockView<'_> {
    /// Who has `offset`
    pub(crate) fn holder(&self, offset: u128) -> Option<Ix<Interface>> {
        match self.delta.and_then(|delta| delta.holder(offset)) {
            Some(holder) => holder,
            None => self.block.owners.get(offset).map(|(owner, _)| owner),
        }
    }

    /// Why the rules withhold an offset, if they do
    pub(crate) fn withheld_by_rule(&self, offset: u128) -> Option<Cause> {
        self.block.withheld_by_rule(self.rules, offset)
    }

    /// Whether the owner that the tables give for `offset` stands
    fn unchanged(&self, offset: u128) -> bool {
        self.delta.is_none_or(|delta| delta.holder(offset).is_none())
    }

    /// The reserved range that holds `offset`
    pub(crate) fn reservation_at(&self, offset: u128) -> Option<Span> {
        match self.delta {
            Some(delta) => delta.reservation_at(self.block, offset),
            None => self.block.space.reservation_at(offset),
        }
    }

    /// The lowest reserved range that has offsets of `span`
    pub(crate) fn reservation_within(&self, span: Span) -> Option<Span> {
        let part = match self.delta {
            Some(delta) => delta.reserved_within(self.block, span).first().copied(),
            None => self.block.space.reserved_within(span).next(),
        };
        self.reservation_at(part?.first)
    }

    /// Offsets that somebody has
    pub(crate) fn taken(&self) -> u128 {
        self.delta.map_or_else(|| self.block.space.taken(), |delta| delta.taken(self.block))
    }

    /// Offsets that may be given; 2^128 saturates
    pub(crate) fn free(&self) -> u128 {
        all_or_none(self.free_modulo(), || self.next_free(0))
    }

    fn free_modulo(&self) -> u128 {
        match self.delta {
            Some(delta) => delta.free_modulo(self.block),
            None => self.block.space.free_modulo(),
        }
    }

    /// Offsets withheld, by rule or in reserved ranges, that nobody has; 2^128 saturates
    pub(crate) fn withheld(&self) -> u128 {
        let whole = self.block.space.whole();
        let others = self.free_modulo().wrapping_add(self.taken());
        match whole.count_modulo().wrapping_sub(others) {
            0 if self.free() == 0 && self.taken() == 0 => whole.count(),
            withheld => withheld,
        }
    }

    /// Whether nobody has any offset of `span`
    pub(crate) fn is_vacant(&self, span: Span) -> bool {
        match self.delta {
            Some(delta) => delta.held_within(self.block, span).is_empty(),
            None => self.block.space.is_vacant(span),
        }
    }

    /// Whether addresses lie in the block and nobody has any, as far as whole words can tell
    pub(crate) fn are_vacant(&self, addresses: &AddrList) -> bool {
        let plain = self.delta.is_none();
        let scattered = self.block.by_words(addresses).filter(|_| plain);
        scattered.is_some_and(|offsets| {
            offsets.iter().all(|(word, bits)| self.block.space.are_vacant(word, bits))
        })
    }

    /// The first free offset from `from` on
    pub(crate) fn next_free(&self, from: u128) -> Option<u128> {
        match self.delta {
            Some(delta) => delta.next_free(self.block, from),
            None => self.block.space.next_free(from),
        }
    }

    /// Near free offsets from `from` on, by words; `None` where a batch has changed the block
    pub(crate) fn free_words(&self, from: u128) -> Option<impl Iterator<Item = (u32, u64)> + '_> {
        self.delta.is_none().then(|| self.block.space.free_words(from))
    }

    /// The last offset of a free run that starts at the free offset `from`, or `last` if that is lower
    pub(crate) fn free_run_last(&self, from: u128, last: u128) -> u128 {
        match self.delta {
            Some(delta) => delta.free_run_last(self.block, from, last),
            None => self.block.space.free_run_last(from, last),
        }
    }
}
