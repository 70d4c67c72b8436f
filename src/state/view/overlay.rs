//! What a batch has changed so far, laid over the tables: it costs what the batch touches

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::hash::Hash;

use super::delta::BlockDelta;
use crate::command::Limits;
use crate::id::{InterfaceId, SubnetId, Task, Token, VpcId};
use crate::space::address::Family;
use crate::space::index::Indices;
use crate::space::list::AddrList;
use crate::space::runs::Runs;
use crate::state::interface::Interface;
use crate::state::reshape::Lists;
use crate::state::selection::Selection;
use crate::state::subnet::Subnet;
use crate::state::table::{Ix, Table};
use crate::state::tasks::TaskRecord;
use crate::state::tokens::Remembered;
use crate::state::vpc::{SubnetMap, Vpc};

/// Changes over a state that itself stays as it is
#[derive(Debug)]
pub(crate) struct Overlay {
    pub(crate) vpcs: Layer<VpcId, Vpc>,
    pub(crate) subnets: Layer<SubnetId, Subnet>,
    pub(crate) interfaces: Layer<InterfaceId, Interface>,
    /// Interfaces of the table as they are now
    pub(crate) changed: BTreeMap<Ix<Interface>, Interface>,
    /// Subnets of the table in another shape
    pub(crate) reshaped: BTreeMap<Ix<Subnet>, Box<Subnet>>,
    /// The lists in blocks of another shape
    pub(crate) lists: BTreeMap<(Ix<Subnet>, Family), Lists>,
    /// Subnets that VPCs gained, be it in another place
    pub(crate) gained: BTreeMap<Ix<Vpc>, SubnetMap>,
    /// Where subnets of the table are gone, be it to another place, and up to the next one that is not
    pub(crate) gone: BTreeMap<(Ix<Vpc>, Family), Runs<()>>,
    /// Interfaces that have the subnet as their home, where that changed
    pub(crate) homes: BTreeMap<Ix<Subnet>, u64>,
    /// Indices that subnets keep, where those changed
    pub(crate) indices: BTreeMap<Ix<Subnet>, Indices>,
    /// Policies that subnets follow, where those changed or moved
    pub(crate) selections: BTreeMap<Ix<Subnet>, Selection>,
    /// Boxed, as a map's node has room for eleven
    pub(crate) blocks: BTreeMap<(Ix<Subnet>, Family), Box<BlockDelta>>,
    /// Tasks begun, and those that came to an end
    pub(crate) tasks: BTreeMap<Task, TaskRecord>,
    /// The tasks of an interface that are not finished, where those changed
    pub(crate) unfinished: BTreeMap<Ix<Interface>, BTreeSet<Task>>,
    pub(crate) tokens: BTreeMap<Token, Remembered>,
    /// What is kept of tasks and tokens now, beyond the tables, and what of the tables no more
    pub(crate) more: Kept,
    pub(crate) fewer: Kept,
    pub(crate) limits: Option<Limits>,
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
        reshaped: BTreeMap::new(),
        lists: BTreeMap::new(),
        gained: BTreeMap::new(),
        gone: BTreeMap::new(),
        homes: BTreeMap::new(),
        indices: BTreeMap::new(),
        selections: BTreeMap::new(),
        blocks: BTreeMap::new(),
        tasks: BTreeMap::new(),
        unfinished: BTreeMap::new(),
        tokens: BTreeMap::new(),
        more: Kept::NOTHING,
        fewer: Kept::NOTHING,
        limits: None,
        touched: BTreeMap::new(),
    };
}

impl Overlay {
    #[inline]
    pub(crate) fn subnet<'a>(
        &'a self,
        table: &'a Table<SubnetId, Subnet>,
        ix: Ix<Subnet>,
    ) -> Option<&'a Subnet> {
        let reshaped = self.reshaped.get(&ix).map(|subnet| &**subnet);
        reshaped.or_else(|| self.subnets.get(table, ix))
    }
}

impl Default for Overlay {
    fn default() -> Self {
        Self::NOTHING
    }
}

/// What is kept for callers that come back: how much of it
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    pub(crate) tasks: usize,
    pub(crate) tokens: usize,
    /// Runs of addresses in them
    pub(crate) runs: u64,
}

impl Kept {
    const NOTHING: Self = Self { tasks: 0, tokens: 0, runs: 0 };

    pub(crate) fn add_task(&mut self, record: &TaskRecord) {
        self.tasks = self.tasks.saturating_add(1);
        self.runs = self.runs.saturating_add(record.runs());
    }

    pub(crate) fn add_runs(&mut self, addresses: &AddrList) {
        self.runs = self.runs.saturating_add(addresses.run_count() as u64);
    }

    pub(crate) fn add_token(&mut self, kept: &Remembered) {
        self.tokens = self.tokens.saturating_add(1);
        self.runs = self.runs.saturating_add(kept.runs());
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
