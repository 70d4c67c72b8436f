//! The state as a command sees it: as of a time, with passed deadlines handled
//!
//! Nothing is copied where nothing is due. A rest that is over concerns its block alone: who asks for an occupant is
//! told the time, and only who chooses or counts what is free has a copy of the block's space, in which such rests
//! have ended. An expired hold concerns its interface and its blocks: then all that is due is done in a copy of the
//! state. Tasks and tokens say themselves how they stand at a time.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::OnceCell;
use core::net::IpAddr;
use core::ops::Deref;

use ipnet::IpNet;

use super::State;
use super::index::{BlockKey, Ix};
use super::interface::Interface;
use super::name::Name;
use super::occupant::Occupant;
use super::owners::Unit;
use super::quarantine::Rest;
use super::subnet::{Block, Subnet};
use super::tasks::{Stage, TaskRecord};
use super::tokens::Remembered;
use super::vpc::Vpc;
use crate::command::Limits;
use crate::error::{Cause, Error};
use crate::id::{InterfaceId, Revision, SubnetId, Task, Timestamp, Token, VpcId};
use crate::rules::FamilyRules;
use crate::space::Space;
use crate::space::address::{Family, Span};
use crate::space::list::AddrList;

/// A state at a time
#[derive(Debug)]
pub(crate) struct View<'a> {
    state: &'a State,
    at: Timestamp,
    /// Whether anything is due
    due: bool,
    /// The state with passed deadlines processed, if there are others than those of quarantines and of forgotten
    /// records
    swept: Option<Box<State>>,
    blocks: SweptBlocks,
}

impl<'a> View<'a> {
    /// The state at a time, which is not before its clock
    #[inline]
    pub(crate) fn new(state: &'a State, at: Timestamp) -> Self {
        let due = state.is_due(at);
        let mut view = Self { state, at, due, swept: None, blocks: SweptBlocks::new() };
        if due && state.tasks.is_hold_due(at) {
            view.sweep();
        }
        view
    }

    #[cold]
    fn sweep(&mut self) {
        let swept = self.state.fork(self.at, self.making());
        (self.swept, self.due) = (Some(Box::new(swept)), false);
    }

    #[inline]
    fn state(&self) -> &State {
        self.swept.as_deref().unwrap_or(self.state)
    }

    /// The time
    pub(crate) const fn at(&self) -> Timestamp {
        self.at
    }

    /// The revision that is being made
    pub(crate) const fn making(&self) -> Revision {
        self.state.revision.next()
    }

    /// Whether anything at all is due
    pub(crate) fn is_due(&self) -> bool {
        self.state.is_due(self.at)
    }

    #[inline]
    pub(crate) fn find_vpc(&self, id: &VpcId) -> Option<Ix<VpcId>> {
        self.state().vpcs.find(id)
    }

    #[inline]
    pub(crate) fn find_subnet(&self, id: &SubnetId) -> Option<Ix<SubnetId>> {
        self.state().subnets.find(id)
    }

    #[inline]
    pub(crate) fn find_interface(&self, id: &InterfaceId) -> Option<Ix<InterfaceId>> {
        self.state().interfaces.find(id)
    }

    pub(crate) fn vpc(&self, ix: Ix<VpcId>) -> Option<&Vpc> {
        self.state().vpcs.get(ix)
    }

    #[inline]
    pub(crate) fn subnet(&self, ix: Ix<SubnetId>) -> Option<&Subnet> {
        self.state().subnets.get(ix)
    }

    #[inline]
    pub(crate) fn interface(&self, ix: Ix<InterfaceId>) -> Option<&Interface> {
        self.state().interfaces.get(ix)
    }

    /// A subnet and its name
    #[inline]
    pub(crate) fn named_subnet(&self, ix: Ix<SubnetId>) -> Option<(&Name<SubnetId>, &Subnet)> {
        self.state().subnets.entry(ix)
    }

    #[inline]
    pub(crate) fn subnet_name(&self, ix: Ix<SubnetId>) -> Option<&Name<SubnetId>> {
        self.state().subnets.kept(ix)
    }

    pub(crate) fn subnet_id(&self, ix: Ix<SubnetId>) -> Option<SubnetId> {
        self.state().subnets.id(ix)
    }

    pub(crate) fn vpc_id(&self, ix: Ix<VpcId>) -> Option<VpcId> {
        self.state().vpcs.id(ix)
    }

    pub(crate) fn interface_id(&self, ix: Ix<InterfaceId>) -> Option<InterfaceId> {
        self.state().interfaces.id(ix)
    }

    #[inline(always)]
    pub(crate) fn block(&self, subnet: Ix<SubnetId>, family: Family) -> Option<BlockView<'_>> {
        let record = self.subnet(subnet)?;
        let (block, rules) = (record.block(family)?, record.profile.family(family));
        let seen = BlockView { block, rules, over: None };
        Some(if self.due { self.due_block(subnet, seen) } else { seen })
    }

    /// A block in which rests may be over
    #[cold]
    fn due_block<'s>(&'s self, subnet: Ix<SubnetId>, seen: BlockView<'s>) -> BlockView<'s> {
        let block = seen.block;
        if block.first_end().is_none_or(|end| end > self.at) {
            return seen;
        }
        let swept = self.blocks.get(BlockKey::new(subnet, block.family), self.at);
        if block.released.is_some() {
            // The order of release tells more than who has what.
            let block = swept.block.get_or_init(|| {
                let mut copy = block.clone();
                copy.end_rests(self.at);
                copy
            });
            return BlockView { block, ..seen };
        }
        BlockView { over: Some(swept), ..seen }
    }

    /// The block that addresses of one family would lie in
    pub(crate) fn block_of(&self, subnet: Ix<SubnetId>, of: &AddrList) -> Option<BlockView<'_>> {
        self.block(subnet, of.family()?)
    }

    /// The subnet of a VPC that an address lies in
    pub(crate) fn subnet_at(&self, vpc: Ix<VpcId>, address: IpAddr) -> Option<Ix<SubnetId>> {
        self.overlapping(vpc, IpNet::from(address))
    }

    /// The lowest subnet of a VPC that has addresses of `cidr`
    pub(crate) fn overlapping(&self, vpc: Ix<VpcId>, cidr: IpNet) -> Option<Ix<SubnetId>> {
        self.lowest_subnet(vpc, Family::of(cidr.addr()), Span::of_net(cidr))
    }

    /// The other subnets of a VPC that have addresses of `cidr`, the lowest first
    pub(crate) fn others_overlapping(
        &self,
        vpc: Ix<VpcId>,
        own: Option<Ix<SubnetId>>,
        cidr: IpNet,
    ) -> impl Iterator<Item = Ix<SubnetId>> {
        let (family, Span { first, last }) = (Family::of(cidr.addr()), Span::of_net(cidr));
        let mut from = Some(first);
        let all = core::iter::from_fn(move || {
            let found = self.lowest_subnet(vpc, family, Span::new(from?, last)?)?;
            from = self.last_of(found, family).and_then(|last| last.checked_add(1));
            Some(found)
        });
        all.filter(move |&found| Some(found) != own)
    }

    /// A subnet of a VPC, if it has any: the lowest, IPv4 before IPv6
    pub(crate) fn any_subnet(&self, vpc: Ix<VpcId>) -> Option<Ix<SubnetId>> {
        let all = Span { first: 0, last: u128::MAX };
        Family::ALL.into_iter().find_map(|family| self.lowest_subnet(vpc, family, all))
    }

    fn lowest_subnet(&self, vpc: Ix<VpcId>, family: Family, span: Span) -> Option<Ix<SubnetId>> {
        self.vpc(vpc)?.subnets.lowest(family, span, |ix| self.last_of(ix, family))
    }

    /// Where a subnet ends
    fn last_of(&self, ix: Ix<SubnetId>, family: Family) -> Option<u128> {
        Some(self.subnet(ix)?.block(family)?.span().last)
    }

    /// What keeps a subnet: interfaces whose home it is, and addresses that somebody has
    pub(crate) fn users_of(&self, ix: Ix<SubnetId>) -> (u32, u128) {
        let interfaces = self.subnet(ix).map_or(0, |subnet| subnet.home_interfaces);
        let blocks = Family::ALL.into_iter().filter_map(|family| self.block(ix, family));
        (interfaces, blocks.fold(0, |sum: u128, block| sum.saturating_add(block.owned())))
    }

    /// The blocks that an interface has something of, by rising subnet id and family
    pub(crate) fn blocks_of(&self, ix: Ix<InterfaceId>) -> Vec<(SubnetId, Ix<SubnetId>, Family)> {
        let holdings = self.interface(ix).into_iter().flat_map(Interface::holdings);
        let blocks = holdings.map(|holding| (holding.subnet(), holding.family()));
        let named = |(subnet, family)| Some((self.subnet_id(subnet)?, subnet, family));
        let mut blocks: Vec<_> = blocks.filter_map(named).collect();
        blocks.sort_unstable();
        blocks
    }

    /// What an interface has of a block, in order of assignment
    pub(crate) fn holding(
        &self,
        ix: Ix<InterfaceId>,
        subnet: Ix<SubnetId>,
        family: Family,
    ) -> Vec<(Unit, Occupant)> {
        let Some(view) = self.block(subnet, family) else { return Vec::new() };
        let list = self.interface(ix).and_then(|interface| interface.list(subnet, family));
        let units = list.into_iter().flat_map(|list| view.owners.iter(list));
        units.filter_map(|(unit, _)| Some((unit, view.occupant(unit.span.first)?))).collect()
    }

    /// A task and where it stands, unless it is forgotten
    pub(crate) fn task(&self, task: Task) -> Option<(&TaskRecord, Stage)> {
        let record = self.state().tasks.get(task)?;
        Some((record, record.stage_at(self.at)?))
    }

    /// The tasks of an interface that are not finished, in order
    pub(crate) fn unfinished(&self, ix: Ix<InterfaceId>) -> impl Iterator<Item = Task> + '_ {
        self.state().tasks.of_interface(ix)
    }

    /// What is kept under a token
    pub(crate) fn token(&self, token: &Token) -> Option<&Remembered> {
        self.state().tokens.get(token, self.at)
    }

    pub(crate) fn limits(&self) -> Limits {
        self.state().limits
    }

    /// Refuses one more task that keeps so many runs of addresses, if it would be one too many
    pub(crate) fn judge_task(&self, runs: usize) -> Result<(), Error> {
        let limit = self.limits().tasks;
        let full = |forgotten| self.state().tasks.len().saturating_sub(forgotten) >= limit as usize;
        // What is forgotten by now is counted only where that would make room.
        if full(0) && full(self.state().tasks.forgotten(self.at).count()) {
            Err(Error::TooManyTasks { limit })
        } else {
            self.judge_runs(runs)
        }
    }

    /// Refuses one more token that keeps so many runs of addresses, if it would be one too many
    pub(crate) fn judge_token(&self, runs: usize) -> Result<(), Error> {
        let limit = self.limits().tokens;
        let full = |expired| self.state().tokens.len().saturating_sub(expired) >= limit as usize;
        if full(0) && full(self.state().tokens.due(self.at).count()) {
            Err(Error::TooManyTokens { limit })
        } else {
            self.judge_runs(runs)
        }
    }

    fn judge_runs(&self, runs: usize) -> Result<(), Error> {
        let State { tasks, tokens, .. } = self.state();
        let limit = self.limits().runs;
        let kept = tasks.runs().saturating_add(tokens.runs()).saturating_add(runs as u64);
        let full = |forgotten: u64| kept.saturating_sub(forgotten) > limit.into();
        let forgotten = || {
            let tasks = tasks.forgotten(self.at).map(TaskRecord::runs);
            tasks.chain(tokens.due(self.at).map(Remembered::runs)).fold(0, u64::saturating_add)
        };
        if full(0) && full(forgotten()) { Err(Error::TooManyRuns { limit }) } else { Ok(()) }
    }
}

/// One block under the rules of its subnet, at a time
///
/// What it says itself of occupants, and of what is free, is so at that time; what is read from the block behind it
/// must not depend on what rests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockView<'a> {
    pub(crate) block: &'a Block,
    rules: &'a FamilyRules,
    /// What is worked out of it, if some of its rests are over
    over: Option<&'a SweptBlock>,
}

impl<'a> BlockView<'a> {
    /// Why the rules withhold an offset, if they do
    pub(crate) fn withheld_by_rule(&self, offset: u128) -> Option<Cause> {
        self.block.withheld_by_rule(self.rules, offset)
    }

    /// What is taken, withheld and free
    #[inline]
    pub(crate) fn space(&self) -> &'a Space {
        match self.over {
            None => &self.block.space,
            Some(over) => over.space.get_or_init(|| self.block.space_without_rests(over.at)),
        }
    }

    /// Whether an occupant is there no more
    #[inline]
    fn is_over(&self, occupant: Occupant) -> bool {
        match (self.over, occupant) {
            (Some(over), Occupant::Resting(rest)) => {
                self.block.rest(rest).is_none_or(|rest| rest.until <= over.at)
            }
            _ => false,
        }
    }

    /// Who or what has `offset`, and since which revision
    #[inline]
    fn owner(&self, offset: u128) -> Option<(Occupant, Revision)> {
        self.block.owners.get(offset).filter(|&(occupant, _)| !self.is_over(occupant))
    }

    /// Who or what has `offset`
    #[inline]
    pub(crate) fn occupant(&self, offset: u128) -> Option<Occupant> {
        self.owner(offset).map(|(occupant, _)| occupant)
    }

    /// The revision that assigned `offset`, held it, or let it rest
    pub(crate) fn generation(&self, offset: u128) -> Option<Revision> {
        self.owner(offset).map(|(_, generation)| generation)
    }

    /// The prefix that has `offset`, if one has
    #[inline]
    pub(crate) fn prefix_at(&self, offset: u128) -> Option<Span> {
        let prefix = self.block.owners.prefix_at(offset)?;
        if self.over.is_some() { self.occupant(prefix.first).map(|_| prefix) } else { Some(prefix) }
    }

    /// Whether a prefix has any offset of `span`
    pub(crate) fn has_prefix_within(&self, span: Span) -> bool {
        let prefixes = self.block.owners.prefixes();
        let mut prefixes = prefixes.into_iter().flat_map(|prefixes| prefixes.within(span));
        prefixes.any(|prefix| self.occupant(prefix.first).is_some())
    }

    /// What rests, with its rest: the one that ends first at first, then in the order of release
    pub(crate) fn resting_in_order(&self) -> impl Iterator<Item = (Unit, &Rest)> + '_ {
        let over = self.over.map(|over| over.at);
        let is_over = move |rest: &Rest| over.is_some_and(|at| rest.until <= at);
        self.block.resting_in_order().skip_while(move |(_, rest)| is_over(rest))
    }

    /// What of a span somebody has by itself, or rests so, ascending: each address, and each prefix once
    pub(crate) fn units_within(&self, span: Span) -> impl Iterator<Item = (Unit, Occupant)> + '_ {
        let units = self.block.units_within(span);
        units.filter(|&(_, occupant)| !self.is_over(occupant))
    }

    /// The first offset of `span` that somebody has, or that rests
    #[inline]
    pub(crate) fn first_occupied(&self, span: Span) -> Option<u128> {
        if self.over.is_none() {
            return self.block.space.taken_runs(span).next().map(|run| run.first);
        }
        self.units_within(span).next().map(|(unit, _)| unit.span.first.max(span.first))
    }
}

impl Deref for BlockView<'_> {
    type Target = Block;

    #[inline(always)]
    fn deref(&self) -> &Block {
        self.block
    }
}

/// What was worked out of blocks in which rests are over, each once: a trie by the bits of their keys, which only
/// grows
#[derive(Debug)]
struct SweptBlocks(OnceCell<Box<SweptBlock>>);

#[derive(Debug)]
struct SweptBlock {
    key: BlockKey,
    at: Timestamp,
    /// Its space once the rests that are over have ended, if somebody has asked for it
    space: OnceCell<Space>,
    /// The same of all of it
    block: OnceCell<Block>,
    below: [SweptBlocks; 2],
}

impl SweptBlocks {
    const fn new() -> Self {
        Self(OnceCell::new())
    }

    fn get(&self, key: BlockKey, time: Timestamp) -> &SweptBlock {
        let (mut at, mut bits) = (self, key.number());
        while let Some(found) = at.0.get().filter(|found| found.key != key) {
            let [even, odd] = &found.below;
            at = if bits & 1 == 0 { even } else { odd };
            bits >>= 1;
        }
        let below = [Self::new(), Self::new()];
        let (space, block) = (OnceCell::new(), OnceCell::new());
        at.0.get_or_init(|| Box::new(SweptBlock { key, at: time, space, block, below }))
    }
}
