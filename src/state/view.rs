//! The state as a command sees it: at a time, what is due by then done
//!
//! Nothing is copied where nothing is due. An ended rest concerns its block alone: that is swept in a copy when
//! it is first looked at. An expired hold concerns its interface and its blocks: then all that is due is done in a
//! copy of the state. Tasks and tokens say themselves how they stand at a time.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::OnceCell;
use core::net::IpAddr;
use core::ops::Deref;

use ipnet::IpNet;

use super::State;
use super::interface::{BlockKey, Interface};
use super::occupant::Occupant;
use super::owners::Unit;
use super::subnet::{Block, Subnet};
use super::table::Ix;
use super::tasks::{Stage, TaskRecord};
use super::tokens::Remembered;
use super::vpc::Vpc;
use crate::command::Limits;
use crate::error::{Cause, Error};
use crate::id::{InterfaceId, Revision, SubnetId, Task, Timestamp, Token, VpcId};
use crate::rules::FamilyRules;
use crate::space::address::{Family, Span};
use crate::space::list::AddrList;

/// A state at a time
#[derive(Debug)]
pub(crate) struct View<'a> {
    state: &'a State,
    at: Timestamp,
    /// Whether anything is due
    due: bool,
    /// The state with what is due done, where that is more than rests and what is forgotten
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
        let swept = self.state.swept(self.at, self.making());
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
    pub(crate) fn find_vpc(&self, id: &VpcId) -> Option<Ix<Vpc>> {
        self.state().vpcs.find(id)
    }

    #[inline]
    pub(crate) fn find_subnet(&self, id: &SubnetId) -> Option<Ix<Subnet>> {
        self.state().subnets.find(id)
    }

    #[inline]
    pub(crate) fn find_interface(&self, id: &InterfaceId) -> Option<Ix<Interface>> {
        self.state().interfaces.find(id)
    }

    pub(crate) fn vpc(&self, ix: Ix<Vpc>) -> Option<&Vpc> {
        self.state().vpcs.get(ix)
    }

    #[inline]
    pub(crate) fn subnet(&self, ix: Ix<Subnet>) -> Option<&Subnet> {
        self.state().subnets.get(ix)
    }

    #[inline]
    pub(crate) fn interface(&self, ix: Ix<Interface>) -> Option<&Interface> {
        self.state().interfaces.get(ix)
    }

    #[inline]
    pub(crate) fn subnet_id(&self, ix: Ix<Subnet>) -> Option<&SubnetId> {
        self.state().subnets.id_ref(ix)
    }

    pub(crate) fn vpc_id(&self, ix: Ix<Vpc>) -> Option<&VpcId> {
        self.state().vpcs.id_ref(ix)
    }

    pub(crate) fn interface_id(&self, ix: Ix<Interface>) -> Option<InterfaceId> {
        self.state().interfaces.id(ix)
    }

    #[inline(always)]
    pub(crate) fn block(&self, subnet: Ix<Subnet>, family: Family) -> Option<BlockView<'_>> {
        let record = self.subnet(subnet)?;
        let (mut block, rules) = (record.block(family)?, record.profile.family(family));
        if self.due {
            block = self.block_at(subnet, block);
        }
        Some(BlockView { block, rules })
    }

    /// A block as it is once the rests that are over have ended
    #[cold]
    fn block_at<'s>(&'s self, subnet: Ix<Subnet>, block: &'s Block) -> &'s Block {
        if block.first_end().is_none_or(|end| end > self.at) {
            return block;
        }
        self.blocks.get(BlockKey::new(subnet, block.family), || {
            let mut swept = block.clone();
            swept.end_rests(self.at);
            swept
        })
    }

    /// The block that addresses of one family would lie in
    pub(crate) fn block_of(&self, subnet: Ix<Subnet>, of: &AddrList) -> Option<BlockView<'_>> {
        self.block(subnet, of.family()?)
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
            from = self.last_of(found, family).and_then(|last| last.checked_add(1));
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
        self.vpc(vpc)?.subnets.lowest(family, span, |ix| self.last_of(ix, family))
    }

    /// Where a subnet ends
    fn last_of(&self, ix: Ix<Subnet>, family: Family) -> Option<u128> {
        Some(self.subnet(ix)?.block(family)?.span().last)
    }

    /// The blocks that an interface has something of, by rising subnet id and family
    pub(crate) fn blocks_of(&self, ix: Ix<Interface>) -> Vec<(SubnetId, Ix<Subnet>, Family)> {
        let holdings = self.interface(ix).into_iter().flat_map(Interface::holdings);
        let blocks = holdings.map(|holding| (holding.subnet(), holding.family()));
        let named = |(subnet, family)| Some((*self.subnet_id(subnet)?, subnet, family));
        let mut blocks: Vec<_> = blocks.filter_map(named).collect();
        blocks.sort_unstable();
        blocks
    }

    /// What an interface has of a block, in order of assignment
    pub(crate) fn holding(
        &self,
        ix: Ix<Interface>,
        subnet: Ix<Subnet>,
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
    pub(crate) fn unfinished(&self, ix: Ix<Interface>) -> impl Iterator<Item = Task> + '_ {
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

/// One block under the rules of its subnet
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockView<'a> {
    pub(crate) block: &'a Block,
    rules: &'a FamilyRules,
}

impl BlockView<'_> {
    /// Why the rules withhold an offset, if they do
    pub(crate) fn withheld_by_rule(&self, offset: u128) -> Option<Cause> {
        self.block.withheld_by_rule(self.rules, offset)
    }
}

impl Deref for BlockView<'_> {
    type Target = Block;

    #[inline(always)]
    fn deref(&self) -> &Block {
        self.block
    }
}

/// Blocks that were swept, each once: a trie by the bits of their keys, which only grows
#[derive(Debug)]
struct SweptBlocks(OnceCell<Box<SweptBlock>>);

#[derive(Debug)]
struct SweptBlock {
    key: BlockKey,
    block: Block,
    below: [SweptBlocks; 2],
}

impl SweptBlocks {
    const fn new() -> Self {
        Self(OnceCell::new())
    }

    fn get(&self, key: BlockKey, sweep: impl FnOnce() -> Block) -> &Block {
        let (mut at, mut bits) = (self, key.number());
        while let Some(found) = at.0.get().filter(|found| found.key != key) {
            let [even, odd] = &found.below;
            at = if bits & 1 == 0 { even } else { odd };
            bits >>= 1;
        }
        let below = [Self::new(), Self::new()];
        &at.0.get_or_init(|| Box::new(SweptBlock { key, block: sweep(), below })).block
    }
}
