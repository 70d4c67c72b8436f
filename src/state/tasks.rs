//! Holds by their names, finished ones for as long as they are kept

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::ControlFlow;

use triomphe::Arc;

use super::index::Ix;
use super::name::Name;
use crate::event::{End, Held, OnExpiry};
use crate::id::{InterfaceId, RequestId, Revision, SubnetId, Task, Timestamp};
use crate::shared::tree::Tree;
use crate::space::list::AddrList;

/// A hold, and what came of it
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskRecord {
    pub(crate) interface: Name<InterfaceId>,
    pub(crate) subnet: Name<SubnetId>,
    /// All that it held there when it began
    pub(crate) addresses: Arc<AddrList>,
    /// What it held in other subnets
    beside: Option<Arc<Beside>>,
    pub(crate) stage: Stage,
    /// What happens when its time is up
    pub(crate) expired: OnExpiry,
    pub(crate) keep_until: Timestamp,
    pub(crate) request: Option<Arc<RequestId>>,
}

/// What a task holds in other subnets than its first, of which there is at least one
#[derive(Clone, Debug, PartialEq, Eq)]
struct Beside(Vec<(Name<SubnetId>, Arc<AddrList>)>);

/// Where a task stands
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Its addresses are held until then
    Running(Timestamp),
    /// Its addresses are held; its time was up then
    Unknown(Timestamp),
    /// Its addresses were released when its time was up, then
    Expired(Timestamp),
    /// All of its addresses were assigned
    Succeeded,
    /// It was brought to another end
    Failed(Arc<End>),
}

impl Stage {
    pub(crate) const fn is_finished(&self) -> bool {
        !matches!(self, Self::Running(_) | Self::Unknown(_))
    }

    /// That of a task that is brought to this end
    pub(crate) fn of(end: &End) -> Self {
        match end {
            End::Succeeded => Self::Succeeded,
            End::Failed { .. } => Self::Failed(Arc::new(end.clone())),
        }
    }
}

impl TaskRecord {
    /// The hold that a change begins, of the interface and the subnet with these names
    pub(crate) fn new(held: &Held, interface: Name<InterfaceId>, subnet: Name<SubnetId>) -> Self {
        Self {
            interface,
            subnet,
            addresses: Arc::new(held.addresses.clone()),
            beside: None,
            stage: Stage::Running(held.until),
            expired: held.expired,
            keep_until: held.keep_until,
            request: held.request.map(Arc::new),
        }
    }

    /// One that was stored
    pub(crate) fn restored(
        (interface, subnet, addresses): (Name<InterfaceId>, Name<SubnetId>, AddrList),
        beside: Vec<(Name<SubnetId>, AddrList)>,
        stage: Stage,
        (expired, keep_until): (OnExpiry, Timestamp),
        request: Option<Arc<RequestId>>,
    ) -> Self {
        let shared = |(subnet, addresses)| (subnet, Arc::new(addresses));
        let beside = beside.into_iter().map(shared).collect::<Vec<_>>();
        let beside = (!beside.is_empty()).then(|| Arc::new(Beside(beside)));
        let addresses = Arc::new(addresses);
        Self { interface, subnet, addresses, beside, stage, expired, keep_until, request }
    }

    /// Where it stands at a time, unless it is forgotten by then
    pub(crate) fn stage_at(&self, at: Timestamp) -> Option<Stage> {
        if !self.is_kept(at) {
            return None;
        }
        Some(match (&self.stage, self.expired) {
            (Stage::Running(until), OnExpiry::Release { .. }) if *until <= at => {
                Stage::Expired(*until)
            }
            (Stage::Running(until), OnExpiry::Unknown) if *until <= at => Stage::Unknown(*until),
            (stage, _) => stage.clone(),
        })
    }

    /// Whether it is not forgotten at a time
    pub(crate) fn is_kept(&self, at: Timestamp) -> bool {
        self.keep_until > at || self.is_unfinished(at)
    }

    /// Whether it has not come to its end at a time
    pub(crate) fn is_unfinished(&self, at: Timestamp) -> bool {
        match (&self.stage, self.expired) {
            (Stage::Running(until), OnExpiry::Release { .. }) => *until > at,
            (stage, _) => !stage.is_finished(),
        }
    }

    /// Runs of addresses that it keeps
    pub(crate) fn runs(&self) -> u64 {
        self.parts().fold(0, |sum, (_, of)| sum.saturating_add(of.run_count() as u64))
    }

    /// What it holds, by subnet
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&Name<SubnetId>, &AddrList)> {
        self.lists().map(|(subnet, addresses)| (subnet, &**addresses))
    }

    /// The same, to be shared
    pub(crate) fn lists(&self) -> impl Iterator<Item = (&Name<SubnetId>, &Arc<AddrList>)> {
        let beside = self.beside.iter().flat_map(|beside| &beside.0);
        let beside = beside.map(|(subnet, addresses)| (subnet, addresses));
        core::iter::once((&self.subnet, &self.addresses)).chain(beside)
    }

    /// What it holds in other subnets than its first
    pub(crate) fn beside(&self) -> impl Iterator<Item = (&Name<SubnetId>, &AddrList)> {
        self.parts().skip(1)
    }

    /// All that it holds, of every subnet
    pub(crate) fn all(&self) -> Cow<'_, AddrList> {
        let Some(Beside(beside)) = self.beside.as_deref() else {
            return Cow::Borrowed(&self.addresses);
        };
        let mut all = AddrList::clone(&self.addresses);
        beside.iter().for_each(|(_, addresses)| all.append(addresses));
        Cow::Owned(all)
    }

    /// Holds addresses of another subnet too
    pub(crate) fn extend(&mut self, subnet: Name<SubnetId>, addresses: &AddrList) {
        let beside = self.beside.get_or_insert_with(|| Arc::new(Beside(Vec::new())));
        Arc::make_mut(beside).0.push((subnet, Arc::new(addresses.clone())));
    }

    /// If it runs and releases what it holds when its time is up: when that is, and for how long it rests then
    pub(crate) const fn loses(&self) -> Option<(Timestamp, u64)> {
        match (self.runs_until(), self.expired) {
            (Some(until), OnExpiry::Release { rest_millis }) => Some((until, rest_millis)),
            _ => None,
        }
    }

    /// When its time is up, if it runs
    pub(crate) const fn runs_until(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Running(until) => Some(until),
            _ => None,
        }
    }

    /// What orders it among those about which something is to be done
    fn due_key(&self, task: Task) -> Option<DueKey> {
        Some((self.loses().is_none(), self.deadline()?, task))
    }

    /// When something is to be done about it
    pub(crate) const fn deadline(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Running(until) => Some(until),
            Stage::Unknown(_) => None,
            Stage::Expired(_) | Stage::Succeeded | Stage::Failed(_) => Some(self.keep_until),
        }
    }
}

/// Whether a task keeps its addresses when something is due about it, when that is, and which task
type DueKey = (bool, Timestamp, Task);

/// Every task that is not forgotten
// INVARIANT: `due` has the deadline of every record that has one, `unfinished` every record that is not
// finished, under its interface, and `requests` every record that is for a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tasks {
    records: Tree<Task, Arc<TaskRecord>>,
    due: Tree<DueKey, ()>,
    unfinished: Tree<(Ix<InterfaceId>, Task), ()>,
    requests: Tree<(RequestId, Task), ()>,
    /// Runs of addresses in all of them
    runs: u64,
}

impl Tasks {
    pub(super) const fn new() -> Self {
        Self {
            records: Tree::new(),
            due: Tree::new(),
            unfinished: Tree::new(),
            requests: Tree::new(),
            runs: 0,
        }
    }

    pub(crate) fn get(&self, task: Task) -> Option<&TaskRecord> {
        self.records.get(&task).map(|record| &**record)
    }

    /// A task, to be looked at while the state changes
    pub(super) fn shared(&self, task: Task) -> Option<Arc<TaskRecord>> {
        self.records.get(&task).cloned()
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// Runs of addresses in all of them
    pub(crate) const fn runs(&self) -> u64 {
        self.runs
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Task, &TaskRecord)> {
        self.records.iter().map(|(task, record)| (task, &**record))
    }

    /// Those that a revision made
    pub(crate) fn of_revision(
        &self,
        revision: Revision,
    ) -> impl Iterator<Item = (Task, &TaskRecord)> {
        let all = self.records.from(&Task::new(revision, 0));
        let all = all.take_while(move |(task, _)| *task <= Task::new(revision, u32::MAX));
        all.map(|(task, record)| (task, &**record))
    }

    /// Those made for a request
    pub(crate) fn request(&self, request: RequestId) -> impl Iterator<Item = Task> + '_ {
        let first = (request, Task::default());
        let all = self.requests.from(&first).map(|(key, ())| key);
        all.take_while(move |of| of.0 == request).map(|(_, task)| task)
    }

    /// Those of an interface that were not finished at the last event
    pub(crate) fn of_interface(&self, ix: Ix<InterfaceId>) -> impl Iterator<Item = Task> + '_ {
        let first = (ix, Task::default());
        let all = self.unfinished.from(&first).map(|(key, ())| key);
        all.take_while(move |of| of.0 == ix).map(|(_, task)| task)
    }

    /// The earliest deadline
    pub(crate) fn first_due(&self) -> Option<Timestamp> {
        let first = [true, false].map(|loses| self.due_from(loses).next());
        first.into_iter().flatten().map(|(_, at, _)| at).min()
    }

    /// Those about which something is due at a time: those that lose addresses, then others, the earliest deadline
    /// first
    pub(crate) fn due(&self, at: Timestamp) -> impl Iterator<Item = (Task, &TaskRecord)> {
        let due = |loses| self.due_from(loses).take_while(move |&(_, deadline, _)| deadline <= at);
        let due = due(true).chain(due(false));
        due.filter_map(|(.., task)| Some((task, self.get(task)?)))
    }

    /// Whether a hold is due that lets its interface lose addresses
    pub(crate) fn is_hold_due(&self, at: Timestamp) -> bool {
        self.due_from(true).next().is_some_and(|(_, deadline, _)| deadline <= at)
    }

    /// Deadlines of those that lose addresses then, or of all others
    fn due_from(&self, loses: bool) -> impl Iterator<Item = DueKey> {
        let all = self.due.from(&(!loses, Timestamp::ZERO, Task::default())).map(|(key, ())| key);
        all.take_while(move |&(keeps, ..)| keeps != loses)
    }

    /// Those that are forgotten by a time
    pub(crate) fn forgotten(&self, at: Timestamp) -> impl Iterator<Item = &TaskRecord> {
        self.due(at).map(|(_, record)| record).filter(move |record| !record.is_kept(at))
    }

    pub(super) fn insert(&mut self, task: Task, of: Ix<InterfaceId>, record: TaskRecord) {
        self.add(task, Some(of), record);
    }

    /// Adds a task that may be finished; of an interface if it is not
    pub(crate) fn add(&mut self, task: Task, of: Option<Ix<InterfaceId>>, record: TaskRecord) {
        self.runs = self.runs.saturating_add(record.runs());
        if let Some(due) = record.due_key(task) {
            self.due.insert(due, ());
        }
        if let Some(of) = of {
            self.unfinished.insert((of, task), ());
        }
        if let Some(request) = &record.request {
            self.requests.insert((**request, task), ());
        }
        self.records.insert(task, Arc::new(record));
    }

    /// Lets a task hold addresses of another subnet too
    pub(super) fn extend(&mut self, task: Task, subnet: Name<SubnetId>, addresses: &AddrList) {
        let Some(record) = self.records.get_mut(&task) else { return };
        Arc::make_mut(record).extend(subnet, addresses);
        self.runs = self.runs.saturating_add(addresses.run_count() as u64);
    }

    /// Brings a task to another stage at a time; it is forgotten if it has been kept long enough
    pub(super) fn set_stage(
        &mut self,
        task: Task,
        of: Option<Ix<InterfaceId>>,
        stage: Stage,
        at: Timestamp,
    ) {
        let Some(record) = self.records.get_mut(&task) else { return };
        if let Some(due) = record.due_key(task) {
            self.due.remove(&due);
        }
        let finished = stage.is_finished();
        let record = Arc::make_mut(record);
        record.stage = stage;
        if let Some(of) = of.filter(|_| finished) {
            self.unfinished.remove(&(of, task));
        }
        if finished && record.keep_until <= at {
            self.forget(task);
        } else if let Some(due) = record.due_key(task) {
            self.due.insert(due, ());
        }
    }

    /// Drops what is known of a finished task
    pub(super) fn forget(&mut self, task: Task) {
        let Some(record) = self.records.remove(&task) else { return };
        self.runs = self.runs.saturating_sub(record.runs());
        if let Some(due) = record.due_key(task) {
            self.due.remove(&due);
        }
        if let Some(request) = &record.request {
            self.requests.remove(&(**request, task));
        }
    }

    /// What is wrong with the tasks, given each interface by its name, if anything
    pub(crate) fn corruption(
        &self,
        find: impl Fn(&InterfaceId) -> Option<Ix<InterfaceId>>,
    ) -> Option<&'static str> {
        let trees = [self.records.corruption(), self.due.corruption()];
        let others = [self.unfinished.corruption(), self.requests.corruption()];
        if let Some(what) = trees.into_iter().chain(others).flatten().next() {
            return Some(what);
        }
        let mut counts = [0usize; 3];
        let [due, unfinished, requests] = &mut counts;
        let add = |count: &mut usize, when: bool| {
            *count = count.saturating_add(when.into());
        };
        let found = self.records.iter().try_for_each(|(task, record)| {
            if let Some(key) = record.due_key(task) {
                add(due, true);
                if !self.due.contains(&key) {
                    return ControlFlow::Break("a task's deadline is not known");
                }
            }
            if !record.stage.is_finished() {
                add(unfinished, true);
                let of = find(&record.interface.id());
                if !of.is_some_and(|of| self.unfinished.contains(&(of, task))) {
                    return ControlFlow::Break("a task that runs is not its interface's");
                }
            }
            if let Some(request) = &record.request {
                add(requests, true);
                if !self.requests.contains(&(**request, task)) {
                    return ControlFlow::Break("a task is not its request's");
                }
            }
            ControlFlow::Continue(())
        });
        if let ControlFlow::Break(what) = found {
            return Some(what);
        }
        let runs = self.records.values().fold(0u64, |sum, of| sum.saturating_add(of.runs()));
        if runs != self.runs {
            return Some("tasks count their runs of addresses wrongly");
        }
        let lens = [self.due.len(), self.unfinished.len(), self.requests.len()];
        (counts != lens).then_some("tasks are known by more than they are")
    }
}
