//! Tasks and tokens as bytes, by their names

use alloc::vec::Vec;

use triomphe::Arc;

use super::{cost, name};
use crate::bytes::{Decode, Encode, Read, Reader, Sink, choices};
use crate::error::Flaw;
use crate::event::{End, OnExpiry, Recalled};
use crate::id::{InterfaceId, RequestId, Revision, SubnetId, Task, Timestamp, Token};
use crate::space::address::Family;
use crate::space::list::AddrList;
use crate::space::range::AddrRange;
use crate::state::State;
use crate::state::index::Ix;
use crate::state::name::Name;
use crate::state::owners::Unit;
use crate::state::tasks::{Stage, TaskRecord, Tasks};
use crate::state::tokens::{Remembered, Tokens};

pub(super) fn write_tasks(out: &mut Vec<u8>, tasks: &Tasks) {
    out.number(tasks.len() as u64);
    for (task, record) in tasks.iter() {
        let TaskRecord {
            interface, subnet, addresses, stage, expired, keep_until, request, ..
        } = record;
        task.write(out);
        interface.id().write(out);
        subnet.id().write(out);
        addresses.write(out);
        out.number(record.beside().count() as u64);
        for (subnet, addresses) in record.beside() {
            subnet.id().write(out);
            addresses.write(out);
        }
        stage.write(out);
        expired.write(out);
        keep_until.write(out);
        request.as_deref().copied().write(out);
    }
}

choices! {
    Stage {
        0 Running(until)
        1 Unknown(since)
        2 Expired(since)
        3 Succeeded
        4 Failed(end)
    }
}

pub(super) fn read_tasks(from: &mut Reader<'_>, state: &mut State) -> Read<()> {
    // Revision, index, two ids, a list, a stage, what happens then, a deadline, no request.
    let count = from.count(12)?;
    from.spend(
        (count as u64).saturating_mul(size_of::<(usize, TaskRecord, usize, AddrList)>() as u64),
    )?;
    let entry = size_of::<Task>().saturating_mul(3).saturating_add(24);
    from.spend(cost::map(count, entry))?;
    from.spend(cost::map(usize::from(count > 0).saturating_mul(3), entry))?;
    let (mut before, mut last) = (None, Last::default());
    for _ in 0..count {
        let task = Task::read(from)?;
        from.demand(before < Some(task), Flaw::Order)?;
        before = Some(task);
        let made = task.revision;
        from.demand(made > Revision::ZERO && made <= state.revision, Flaw::Revision)?;
        let record = read_record(from, state, &mut last)?;
        let due = record.deadline().is_none_or(|deadline| deadline > state.clock);
        from.demand(due && is_past(&record, state.clock), Flaw::Deadline)?;
        let of = if record.stage.is_finished() {
            let ended = is_ended(from, &record)?;
            from.demand(ended, Flaw::Task)?;
            None
        } else {
            let held = hold(state, task, &record);
            Some(held.ok_or_else(|| from.flaw(Flaw::Task))?)
        };
        state.tasks.add(task, of, record);
    }
    Ok(())
}

/// The names that were read last
#[derive(Default)]
struct Last {
    interface: Option<Name<InterfaceId>>,
    subnet: Option<Name<SubnetId>>,
}

fn read_record(from: &mut Reader<'_>, state: &State, last: &mut Last) -> Read<TaskRecord> {
    let State { interfaces, subnets, .. } = state;
    let interface = InterfaceId::read(from)?;
    let interface = name(from, &interface, interfaces, &mut last.interface)?;
    let mut subnet = |from: &mut Reader<'_>| {
        let subnet = SubnetId::read(from)?;
        name(from, &subnet, subnets, &mut last.subnet)
    };
    let first = subnet(from)?;
    let addresses = Decode::read(from)?;
    let count = from.count(3)?;
    // Doubled as it grows, and copied then.
    let bytes = size_of::<(Name<SubnetId>, usize, AddrList)>().saturating_mul(3);
    from.spend((count as u64).saturating_mul(bytes as u64))?;
    let mut beside = Vec::new();
    for _ in 0..count {
        beside.push((subnet(from)?, AddrList::read(from)?));
    }
    let stage = Decode::read(from)?;
    let (expired, keep_until) = (Decode::read(from)?, Decode::read(from)?);
    let request = Option::<RequestId>::read(from)?;
    if request.is_some() {
        from.spend(size_of::<(usize, RequestId)>() as u64)?;
        from.spend(cost::map(1, size_of::<(RequestId, Task)>()))?;
    }
    let held = (interface, first, addresses);
    Ok(TaskRecord::restored(held, beside, stage, (expired, keep_until), request.map(Arc::new)))
}

/// Whether the time of a task is up that was, as its hold says
fn is_past(record: &TaskRecord, clock: Timestamp) -> bool {
    match (&record.stage, record.expired) {
        (Stage::Unknown(since), expired) => *since <= clock && expired == OnExpiry::Unknown,
        (Stage::Expired(since), expired) => *since <= clock && expired != OnExpiry::Unknown,
        _ => true,
    }
}

/// Whether a finished task kept only what it had, in order
fn is_ended(from: &mut Reader<'_>, record: &TaskRecord) -> Read<bool> {
    let Stage::Failed(end) = &record.stage else { return Ok(true) };
    let End::Failed { kept, .. } = &**end else { return Ok(false) };
    if kept.is_empty() {
        return Ok(true);
    }
    // A map of what was kept, and two parts, for as long as it takes.
    let runs = record.all().run_count().saturating_add(kept.run_count()).saturating_mul(2);
    let bytes = cost::map(runs, 80);
    from.spend(bytes)?;
    // A run that is repeated would be split as often.
    let fits = are_apart(&record.all()) && are_apart(kept) && {
        let [same, _] = record.all().split_by(kept);
        same == *kept
    };
    from.give_back(bytes);
    Ok(fits)
}

/// Whether a list has no address twice
fn are_apart(list: &AddrList) -> bool {
    let mut runs: Vec<_> = list.ranges().collect();
    runs.sort_unstable();
    let apart = |a: &AddrRange, b: &AddrRange| a.family() != b.family() || a.last() < b.first();
    runs.is_sorted_by(apart)
}

/// Makes what a task says it holds held, if its interface has all of it, by the revision that made it
fn hold(state: &mut State, task: Task, record: &TaskRecord) -> Option<Ix<InterfaceId>> {
    let State { interfaces, subnets, .. } = state;
    let of = interfaces.find(&record.interface.id())?;
    for (index, (subnet, addresses)) in record.parts().enumerate() {
        // What other subnets hold may have been added later.
        let fits = |made| made == task.revision || (index > 0 && made > task.revision);
        let subnet = subnets.find(&subnet.id())?;
        let subnet = subnets.get_mut(subnet)?;
        let mut family = Family::V4;
        for part in addresses.parts() {
            let range = part.range();
            if range.family() < family {
                return None;
            }
            family = range.family();
            let block = subnet.block_mut(family)?;
            let unit = Unit { span: block.offsets(range)?, is_prefix: part.is_prefix() };
            if !block.restore_held(of, unit, fits) {
                return None;
            }
        }
        if addresses.is_empty() {
            return None;
        }
    }
    Some(of)
}

pub(super) fn write_tokens(out: &mut Vec<u8>, tokens: &Tokens) {
    out.number(tokens.len() as u64);
    for (token, kept) in tokens.sorted() {
        let Remembered { until, request, revision, answer, recalled } = kept;
        token.write(out);
        until.write(out);
        request.write(out);
        revision.write(out);
        answer.write(out);
        let Recalled { task, primary } = recalled.as_deref().copied().unwrap_or_default();
        task.write(out);
        primary.write(out);
    }
}

pub(super) fn read_tokens(from: &mut Reader<'_>, state: &mut State) -> Read<()> {
    // Token, deadline, digest, revision, list, neither task nor primary.
    let count = from.count(15)?;
    from.spend(cost::table(count, size_of::<(Token, Remembered)>()))?;
    from.spend(cost::map(count, size_of::<(Timestamp, Ix<Token>)>()))?;
    let mut before = None;
    for _ in 0..count {
        let token = Token::read(from)?;
        from.demand(before < Some(token), Flaw::Order)?;
        before = Some(token);
        let until = Timestamp::read(from)?;
        from.demand(until > state.clock, Flaw::Deadline)?;
        let request = Decode::read(from)?;
        let revision = Revision::read(from)?;
        let was = revision > Revision::ZERO && revision <= state.revision;
        from.demand(was, Flaw::Revision)?;
        let answer = Decode::read(from)?;
        let recalled = Recalled { task: Decode::read(from)?, primary: Decode::read(from)? };
        let told = recalled != Recalled::default();
        if told {
            from.spend(size_of::<(usize, Recalled)>() as u64)?;
        }
        let recalled = told.then(|| Arc::new(recalled));
        state.tokens.insert(token, Remembered { until, request, revision, answer, recalled });
    }
    Ok(())
}
