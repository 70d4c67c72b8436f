//! What a batch has changed so far, laid over the tables: it costs what the batch touches

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::hash::Hash;

use super::interface::Interface;
use super::subnet::{Block, Subnet};
use super::table::{Ix, Table};
use super::vpc::{SubnetMap, Vpc};
use crate::id::{InterfaceId, SubnetId, VpcId};
use crate::space::address::{Family, Span};
use crate::space::index::Indices;
use crate::space::runs::Runs;
use crate::space::{gaps, range_at, reserved_within};

/// Changes over a state that itself stays as it is
#[derive(Debug)]
pub(crate) struct Overlay {
    pub(crate) vpcs: Layer<VpcId, Vpc>,
    pub(crate) subnets: Layer<SubnetId, Subnet>,
    pub(crate) interfaces: Layer<InterfaceId, Interface>,
    /// Interfaces of the table as they are now
    pub(crate) changed: BTreeMap<Ix<Interface>, Interface>,
    /// Subnets that VPCs gained
    pub(crate) gained: BTreeMap<Ix<Vpc>, SubnetMap>,
    /// Where subnets of the table are gone, and up to the next one that is not
    pub(crate) gone: BTreeMap<(Ix<Vpc>, Family), Runs<()>>,
    /// Interfaces that have the subnet as their home, where that changed
    pub(crate) homes: BTreeMap<Ix<Subnet>, u64>,
    /// Indices that subnets keep, where those changed
    pub(crate) indices: BTreeMap<Ix<Subnet>, Indices>,
    pub(crate) blocks: BTreeMap<(Ix<Subnet>, Family), BlockDelta>,
    /// The blocks in which an interface was assigned something
    pub(crate) touched: BTreeMap<Ix<Interface>, BTreeSet<(Ix<Subnet>, Family)>>,
}

impl Overlay {
    /// No change
    pub(crate) const NOTHING: Self = Self {
        vpcs: Layer::NOTHING,
        subnets: Layer::NOTHING,
        interfaces: Layer::NOTHING,
        changed: BTreeMap::new(),
        gained: BTreeMap::new(),
        gone: BTreeMap::new(),
        homes: BTreeMap::new(),
        indices: BTreeMap::new(),
        blocks: BTreeMap::new(),
        touched: BTreeMap::new(),
    };
}

impl Default for Overlay {
    fn default() -> Self {
        Self::NOTHING
    }
}

/// Records made and deleted, over a table
#[derive(Debug)]
pub(crate) struct Layer<K, V> {
    /// Where an id leads now; `None` when its record is gone
    ids: BTreeMap<K, Option<Ix<V>>>,
    made: Vec<(K, V)>,
}

impl<K, V> Layer<K, V> {
    const NOTHING: Self = Self { ids: BTreeMap::new(), made: Vec::new() };
}

impl<K: Copy + Ord + Hash, V> Layer<K, V> {
    pub(crate) fn find(&self, table: &Table<K, V>, id: &K) -> Option<Ix<V>> {
        match self.ids.get(id) {
            Some(found) => *found,
            None => table.find(id),
        }
    }

    pub(crate) fn get<'a>(&'a self, table: &'a Table<K, V>, ix: Ix<V>) -> Option<&'a V> {
        match ix.position_outside() {
            Some(position) => self.made.get(position).map(|(_, record)| record),
            None => table.get(ix),
        }
    }

    pub(crate) fn id_ref<'a>(&'a self, table: &'a Table<K, V>, ix: Ix<V>) -> Option<&'a K> {
        match ix.position_outside() {
            Some(position) => self.made.get(position).map(|(id, _)| id),
            None => table.id_ref(ix),
        }
    }

    pub(crate) fn made_mut(&mut self, ix: Ix<V>) -> Option<&mut V> {
        self.made.get_mut(ix.position_outside()?).map(|(_, record)| record)
    }

    pub(crate) fn create(&mut self, id: K, record: V) -> Ix<V> {
        let ix = Ix::outside(self.made.len());
        self.made.push((id, record));
        self.ids.insert(id, Some(ix));
        ix
    }

    pub(crate) fn delete(&mut self, id: K) {
        self.ids.insert(id, None);
    }
}

/// What changed in one block
///
/// *Free* means what the block's space means by it: usable, in no reserved range, held by nobody.
// INVARIANT: `lost` is what is free in the block and not any more; `opened` what is free now and was not;
// nothing in `barren` is free now.
#[derive(Debug, Default)]
pub(crate) struct BlockDelta {
    /// Who has what was assigned
    holders: Runs<Ix<Interface>>,
    /// The same, by who has it
    by_owner: BTreeMap<Ix<Interface>, Runs<()>>,
    /// What the block's owners no longer have
    released: Runs<()>,
    /// Reserved ranges made: last by first
    reserved: BTreeMap<u128, u128>,
    /// Reserved ranges of the block that ended, by first
    unreserved: BTreeSet<u128>,
    lost: Runs<()>,
    opened: Runs<()>,
    /// Joins `lost` to what was not free around it, so that a search leaps over all of it at once
    barren: Runs<()>,
}

impl BlockDelta {
    /// Gives offsets that nobody has to `owner`
    pub(crate) fn assign(&mut self, block: &Block, span: Span, owner: Ix<Interface>) {
        self.close(block, span);
        self.holders.insert(span, owner);
        self.by_owner.entry(owner).or_default().insert(span, ());
    }

    /// Takes offsets from whoever has them
    pub(crate) fn release(&mut self, block: &Block, span: Span) {
        let assigned_since: Vec<(Span, Ix<Interface>)> = self.holders.within(span).collect();
        for &(run, owner) in &assigned_since {
            if let Some(runs) = self.by_owner.get_mut(&owner) {
                runs.remove(run);
            }
        }
        for run in gaps(span, assigned_since.into_iter().map(|(run, _)| run)) {
            self.released.insert(run, ());
        }
        self.holders.remove(span);
        for part in block.space.usable().parts(span) {
            let reserved = self.reserved_within(block, part);
            for free in gaps(part, reserved) {
                self.open(block, free);
            }
        }
    }

    pub(crate) fn reserve(&mut self, block: &Block, span: Span) {
        self.reserved.insert(span.first, span.last);
        self.close(block, span);
    }

    pub(crate) fn unreserve(&mut self, block: &Block, span: Span) {
        if self.reserved.remove(&span.first).is_none() {
            self.unreserved.insert(span.first);
        }
        for part in block.space.usable().parts(span) {
            let held = self.held_within(block, part);
            for free in gaps(part, held) {
                self.open(block, free);
            }
        }
    }

    /// Who has `offset`, if that changed: `Some(None)` when nobody has it any more
    pub(crate) fn holder(&self, offset: u128) -> Option<Option<Ix<Interface>>> {
        match self.holders.get(offset) {
            Some((_, owner)) => Some(Some(owner)),
            None if self.released.contains(offset) => Some(None),
            None => None,
        }
    }

    /// The runs assigned to `owner`, in order
    pub(crate) fn assigned_to(&self, owner: Ix<Interface>) -> impl Iterator<Item = Span> + '_ {
        self.by_owner.get(&owner).into_iter().flat_map(Runs::iter).map(|(run, ())| run)
    }

    pub(crate) fn taken(&self, block: &Block) -> u128 {
        let kept = block.space.taken().wrapping_sub(self.released.count_modulo());
        kept.wrapping_add(self.holders.count_modulo())
    }

    /// Offsets that may be given, modulo 2^128
    pub(crate) fn free_modulo(&self, block: &Block) -> u128 {
        let kept = block.space.free_modulo().wrapping_sub(self.lost.count_modulo());
        kept.wrapping_add(self.opened.count_modulo())
    }

    /// The runs of `span` that somebody has, by rising first offset
    pub(crate) fn held_within(&self, block: &Block, span: Span) -> Vec<Span> {
        let mut held: Vec<Span> = self.holders.within(span).map(|(run, _)| run).collect();
        for run in block.space.taken_runs(span) {
            held.extend(gaps(run, self.released.within(run).map(|(run, ())| run)));
        }
        held.sort_unstable_by_key(|run| run.first);
        held
    }

    /// The parts of `span` in reserved ranges, by rising first offset
    pub(crate) fn reserved_within(&self, block: &Block, span: Span) -> Vec<Span> {
        let kept = block.space.reserved_within(span);
        let mut parts: Vec<Span> = kept
            .filter(|part| self.kept_at(block, part.first).is_some())
            .chain(reserved_within(&self.reserved, span))
            .collect();
        parts.sort_unstable_by_key(|part| part.first);
        parts
    }

    pub(crate) fn reservation_at(&self, block: &Block, offset: u128) -> Option<Span> {
        range_at(&self.reserved, offset).or_else(|| self.kept_at(block, offset))
    }

    /// The reserved range of the block that holds `offset`, unless it has ended
    fn kept_at(&self, block: &Block, offset: u128) -> Option<Span> {
        let range = block.space.reservation_at(offset)?;
        (!self.unreserved.contains(&range.first)).then_some(range)
    }

    pub(crate) fn next_free(&self, block: &Block, from: u128) -> Option<u128> {
        let mut at = from;
        loop {
            if let Some((run, ())) = self.barren.get(at).or_else(|| self.lost.get(at)) {
                at = run.last.checked_add(1)?;
                continue;
            }
            let opened = self.opened.next(at).map(|(run, ())| run.first.max(at));
            let next = match (block.space.next_free(at), opened) {
                (Some(kept), Some(opened)) => kept.min(opened),
                (kept, opened) => kept.or(opened)?,
            };
            if next == at {
                return Some(at);
            }
            at = next;
        }
    }

    /// The last offset of a free run that starts at the free offset `from`, or `last` if that is lower
    pub(crate) fn free_run_last(&self, block: &Block, from: u128, last: u128) -> u128 {
        if let Some((run, ())) = self.opened.get(from) {
            return run.last.min(last);
        }
        let last = block.space.free_run_last(from, last);
        self.lost.next(from).map_or(last, |(run, ())| run.first.saturating_sub(1).min(last))
    }

    /// Makes offsets free that were not
    fn open(&mut self, block: &Block, span: Span) {
        self.barren.remove(span);
        self.lost.remove(span);
        for run in gaps(span, block.space.free_runs(span)) {
            self.opened.insert(run, ());
        }
    }

    /// Makes offsets not free, whatever they were
    fn close(&mut self, block: &Block, span: Span) {
        self.opened.remove(span);
        for run in block.space.free_runs(span) {
            self.lost.insert(run, ());
        }
        // Over fragments, every search would walk what many commands have closed, run by run.
        let next = span.last.checked_add(1).and_then(|at| self.next_free(block, at));
        let last = next.map_or(block.space.whole().last, |next| next.saturating_sub(1));
        self.barren.insert(Span { first: span.first, last }, ());
    }
}
