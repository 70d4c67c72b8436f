//! The whole engine as bytes: a section for each of its tables

mod blocks;
mod cost;
mod interfaces;
mod rests;
mod runs;
mod tables;
mod tasks;

use alloc::vec;
use alloc::vec::Vec;

use super::frame::{self, Kind};
use crate::bytes::{Decode, DecodeLimits, Encode, Read, Reader, Sink};
use crate::command::Limits;
use crate::error::DecodeError;
use crate::id::{Id, InterfaceId, Revision, SubnetId, Timestamp, VpcId};
use crate::state::State;
use crate::state::index::Ix;
use crate::state::interface::Interface;
use crate::state::name::Name;
use crate::state::subnet::Subnet;
use crate::state::table::Table;
use crate::state::vpc::Vpc;

/// Sections in their order, and the tags that they have
const HISTORY: u8 = 1;
const VPCS: u8 = 2;
const SUBNETS: u8 = 3;
const INTERFACES: u8 = 4;
const RESTS: u8 = 5;
const TASKS: u8 = 6;
const TOKENS: u8 = 7;

/// Every record with an id, by that, and where in this order those are that others name
struct Order<'a> {
    vpcs: Vec<(Ix<VpcId>, Name<VpcId>, &'a Vpc)>,
    subnets: Vec<(Ix<SubnetId>, Name<SubnetId>, &'a Subnet)>,
    interfaces: Vec<(Ix<InterfaceId>, Name<InterfaceId>, &'a Interface)>,
    vpc_positions: Positions,
    subnet_positions: Positions,
}

/// Positions by the numbers of a table
struct Positions(Vec<u32>);

impl Positions {
    fn of<K, N, V>(sorted: &[(Ix<K>, N, &V)]) -> Self {
        let highest = sorted.iter().map(|(ix, ..)| ix.number()).max();
        let mut all = vec![0; highest.map_or(0, |highest| (highest as usize).saturating_add(1))];
        for (position, (ix, ..)) in (0u32..).zip(sorted) {
            if let Some(place) = all.get_mut(ix.number() as usize) {
                *place = position;
            }
        }
        Self(all)
    }

    fn get<K>(&self, ix: Ix<K>) -> u32 {
        self.0.get(ix.number() as usize).copied().unwrap_or_default()
    }
}

/// The name of what may be there no more: that of its record if it is there, or the one that was read last if it is
/// that; else a new one, of which what lies beside the record is spoken for
fn name<I: Id, V>(
    from: &mut Reader<'_>,
    id: &I,
    table: &Table<I, V>,
    last: &mut Option<Name<I>>,
) -> Read<Name<I>> {
    if let Some(last) = last.as_ref().filter(|last| last.is(id)) {
        return Ok(last.clone());
    }
    let beside = Name::beside(id);
    let known = || table.find(id).and_then(|ix| table.kept(ix)).cloned();
    let name = match if beside > 0 { known() } else { None } {
        Some(name) => name,
        None => {
            from.spend(beside as u64)?;
            Name::new(id)
        }
    };
    *last = Some(name.clone());
    Ok(name)
}

/// Appends the bytes of a state
pub(crate) fn encode(state: &State, out: &mut Vec<u8>) {
    // All that a state is made of. What is not named has been derived from the rest, or is a table's own.
    let State {
        vpcs,
        subnets,
        interfaces,
        profiles: _,
        tasks,
        tokens,
        limits,
        resting: _,
        rested,
        earliest_deadline: _,
        seeded: _,
        revision,
        clock,
        digest,
    } = state;
    let (vpcs, subnets, interfaces) = (vpcs.sorted(), subnets.sorted(), interfaces.sorted());
    let (vpc_positions, subnet_positions) = (Positions::of(&vpcs), Positions::of(&subnets));
    let order = Order { vpcs, subnets, interfaces, vpc_positions, subnet_positions };
    frame::write(out, Kind::Engine, None, |out| {
        section(out, HISTORY, |out| {
            revision.write(out);
            clock.write(out);
            digest.write(out);
            out.number(*rested);
            limits.write(out);
        });
        section(out, VPCS, |out| tables::write_vpcs(out, &order));
        section(out, SUBNETS, |out| tables::write_subnets(out, &order));
        section(out, INTERFACES, |out| interfaces::write(out, state, &order));
        section(out, RESTS, |out| rests::write(out, &order));
        section(out, TASKS, |out| tasks::write_tasks(out, tasks));
        section(out, TOKENS, |out| tasks::write_tokens(out, tokens));
    });
}

/// A part with its tag and its length before it
fn section(out: &mut Vec<u8>, tag: u8, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(tag);
    let start = out.len();
    0u64.write(out);
    let first = out.len();
    write(out);
    let length = out.len().saturating_sub(first) as u64;
    if let Some(place) = out.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
        *place = length.to_le_bytes();
    }
}

/// Makes the state of these bytes, whose tables hash under `seed`
pub(crate) fn decode(bytes: &[u8], seed: u64, limits: &DecodeLimits) -> Result<State, DecodeError> {
    let frame = frame::read_only(bytes, Kind::Engine)?;
    let from = &mut Reader::new(frame.body, frame.at, *limits);
    let mut state = State::new(seed);
    let history = from.section(HISTORY, History::read)?;
    (state.revision, state.clock, state.digest) = (history.revision, history.clock, history.digest);
    (state.rested, state.limits) = (history.rested, history.limits);
    let cidrs = from.section(VPCS, |from| tables::read_vpcs(from, &mut state))?;
    let mut left = from.section(SUBNETS, |from| tables::read_subnets(from, &mut state, &cidrs))?;
    drop(cidrs);
    from.section(INTERFACES, |from| interfaces::read(from, &mut state, &mut left))?;
    from.section(RESTS, |from| rests::read(from, &mut state, &mut left))?;
    from.section(TASKS, |from| tasks::read_tasks(from, &mut state))?;
    from.section(TOKENS, |from| tasks::read_tokens(from, &mut state))?;
    from.finish()?;
    state.restore_deadlines();
    Ok(state)
}

/// What the first section says
struct History {
    revision: Revision,
    clock: Timestamp,
    digest: u64,
    rested: u64,
    limits: Limits,
}

impl History {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(Self {
            revision: Decode::read(from)?,
            clock: Decode::read(from)?,
            digest: Decode::read(from)?,
            rested: from.number()?,
            limits: Decode::read(from)?,
        })
    }
}
