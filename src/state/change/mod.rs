//! Whether each fact fits a state, and how it changes the state: a file for each kind, as in `event/change`

mod addresses;
mod interface;
mod policy;
mod reservation;
mod subnet;
mod task;
mod time;
mod token;
mod vpc;

use alloc::boxed::Box;

use super::commit::Making;
use super::index::Ix;
use super::view::{BlockView, View};
use super::{Place, State};
use crate::error::Contradiction;
use crate::event::{Change, each_fact};
use crate::id::{InterfaceId, SubnetId, Timestamp};
use crate::space::address::Span;
use crate::space::range::AddrRange;

/// Where a fact that fits lies in the tables, as far as that was looked up; or why it does not fit
type Fit = Result<Option<Place>, Contradiction>;

/// What a kind of fact asks of a state, and what it makes of it
trait Fact {
    /// Whether it can be made to what `view` shows: structure, never policy
    fn fits(&self, view: &View<'_>) -> Fit;

    /// Makes it, which fits; where it does not, nothing happens
    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>);
}

impl<F: Fact> Fact for Box<F> {
    fn fits(&self, view: &View<'_>) -> Fit {
        F::fits(self, view)
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        F::make(self, state, making);
    }
}

impl Change {
    /// Whether it can be made to what `view` shows: structure, never policy
    pub(crate) fn fits(&self, view: &View<'_>) -> Fit {
        each_fact!(self, fact => fact.fits(view))
    }

    /// Makes it, which fits; where it does not, nothing happens
    pub(super) fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        each_fact!(self, fact => fact.make(state, making));
    }
}

fn absent<T>(found: Option<T>) -> Result<(), Contradiction> {
    if found.is_some() { Err(Contradiction::Exists) } else { Ok(()) }
}

fn unused(unused: bool) -> Result<(), Contradiction> {
    if unused { Ok(()) } else { Err(Contradiction::InUse) }
}

fn later(view: &View<'_>, deadline: Timestamp) -> Result<(), Contradiction> {
    if deadline > view.at() { Ok(()) } else { Err(Contradiction::Deadline) }
}

fn interface(view: &View<'_>, id: &InterfaceId) -> Result<Ix<InterfaceId>, Contradiction> {
    view.find_interface(id).ok_or(Contradiction::Missing)
}

fn subnet(view: &View<'_>, id: &SubnetId) -> Result<Ix<SubnetId>, Contradiction> {
    view.find_subnet(id).ok_or(Contradiction::Missing)
}

/// The block of a subnet that a range lies in, and the offsets there
fn offsets<'v>(
    view: &'v View<'_>,
    subnet: Ix<SubnetId>,
    range: AddrRange,
) -> Result<(BlockView<'v>, Span), Contradiction> {
    let block = view.block(subnet, range.family());
    let found = block.and_then(|block| Some((block, block.offsets(range)?)));
    found.ok_or(Contradiction::Outside)
}
