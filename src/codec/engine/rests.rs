//! Quarantined addresses as bytes, by block, in the order in which they become free

use alloc::vec::Vec;

use triomphe::Arc;

use super::blocks::{Left, block_of, key_of, take};
use super::runs::{RunReader, head_of, runs};
use super::{Order, cost, name};
use crate::bytes::{Decode, Encode, Read, Reader, Sink, zigzag};
use crate::error::Flaw;
use crate::id::{InterfaceId, Reason, Revision, Timestamp};
use crate::state::State;
use crate::state::index::BlockKey;
use crate::state::name::Name;
use crate::state::owners::List;
use crate::state::quarantine::Rest;
use crate::state::subnet::Block;

pub(super) fn write(out: &mut Vec<u8>, order: &Order<'_>) {
    let blocks = || {
        (0u32..).zip(&order.subnets).flat_map(|(position, (.., subnet))| {
            let resting = subnet.blocks().filter(|block| block.slots_resting() > 0);
            resting.map(move |block| (key_of(position, block.family), block))
        })
    };
    out.number(blocks().count() as u64);
    let mut at = 0u64;
    for (key, block) in blocks() {
        out.number(key.saturating_sub(at));
        at = key.saturating_add(1);
        write_block(out, block);
    }
}

fn write_block(out: &mut Vec<u8>, block: &Block) {
    let rests = || block.rests.iter().flat_map(|rests| rests.iter());
    out.number(rests().count() as u64);
    let mut before = Timestamp::ZERO;
    for (_, rest) in rests() {
        let Rest { until, serial, by, reason, list } = rest;
        out.number(until.millis().saturating_sub(before.millis()));
        before = *until;
        out.number(*serial);
        by.id().write(out);
        reason.as_deref().copied().write(out);
        let since = block.owners.iter(*list).next().map_or(Revision::ZERO, |(_, since)| since);
        since.write(out);
        out.number(list.count().into());
        let mut at = 0u128;
        for (unit, _) in runs(block.owners.iter(*list)) {
            out.wide(head_of(unit));
            out.wide(zigzag(at, unit.span.first));
            at = unit.span.last.wrapping_add(1);
        }
    }
}

pub(super) fn read(from: &mut Reader<'_>, state: &mut State, left: &mut Left) -> Read<()> {
    let blocks = from.count(2)?;
    let (mut serials, mut last) = (Vec::new(), None);
    let mut at = 0u64;
    for _ in 0..blocks {
        let key = at.checked_add(from.number()?).and_then(|key| Some((key, block_of(key)?)));
        let (key, block) = key.ok_or_else(|| from.flaw(Flaw::Missing))?;
        at = key.saturating_add(1);
        read_block(from, state, left, block, &mut serials, &mut last)?;
    }
    let owned = left.iter().all(|left| *left == [0; 2]);
    from.demand(owned, Flaw::Unowned)?;
    serials.sort_unstable();
    from.demand(serials.is_sorted_by(|a, b| a < b), Flaw::Order)
}

fn read_block(
    from: &mut Reader<'_>,
    state: &mut State,
    left: &mut Left,
    key: BlockKey,
    serials: &mut Vec<u64>,
    last: &mut Option<Name<InterfaceId>>,
) -> Read<()> {
    // Deadline, number, id, reason, revision, count, a run.
    let count = from.count(9)?;
    from.demand(count > 0, Flaw::Unowned)?;
    from.spend(cost::table(count, size_of::<Rest>()))?;
    from.spend(cost::map(count, size_of::<(Timestamp, u64, u32)>()))?;
    from.spend(cost::map(1, size_of::<(Timestamp, BlockKey)>()))?;
    // Doubled as it grows, and copied then.
    from.spend((count as u64).saturating_mul(32))?;
    let State { subnets, interfaces, seeded, revision, clock, rested, .. } = state;
    let subnet = subnets.get_mut(key.subnet());
    let block = subnet.and_then(|subnet| subnet.block_mut(key.family()));
    let block = block.ok_or_else(|| from.flaw(Flaw::Missing))?;
    let mut before = (Timestamp::ZERO, None);
    for _ in 0..count {
        let until = before.0.millis().checked_add(from.number()?).map(Timestamp::from_millis);
        let until = until.filter(|until| until > clock);
        let until = until.ok_or_else(|| from.flaw(Flaw::Deadline))?;
        let serial = from.number()?;
        from.demand(serial < *rested, Flaw::TooLarge)?;
        from.demand(before < (until, Some(serial)), Flaw::Order)?;
        before = (until, Some(serial));
        serials.push(serial);
        let by = InterfaceId::read(from)?;
        let by = name(from, &by, interfaces, last)?;
        let reason = Option::<Reason>::read(from)?;
        if reason.is_some() {
            from.spend(size_of::<(usize, Reason)>() as u64)?;
        }
        let since = Revision::read(from)?;
        from.demand(since > Revision::ZERO && since <= *revision, Flaw::Revision)?;
        let count = from.number32()?;
        from.demand(count > 0, Flaw::Unowned)?;
        let reason = reason.map(Arc::new);
        let ix = block.restore_rest(Rest { until, serial, by, reason, list: List::EMPTY });
        let (mut runs, mut read) = (RunReader::default(), 0u32);
        while read < count {
            let head = from.wide()?;
            let unit = runs.next(from, head, count.saturating_sub(read))?;
            if unit.is_prefix {
                from.spend(cost::PREFIX)?;
            } else {
                take(from, left, key, unit.span)?;
            }
            from.demand(block.restore_resting(ix, unit, since, seeded), Flaw::Taken)?;
            // Fewer than are left of a number of 32 bits.
            let length = u32::try_from(unit.slots()).unwrap_or(u32::MAX);
            read = read.saturating_add(length);
        }
    }
    Ok(())
}
