//! Judging the deletion of interfaces

use alloc::vec::Vec;

use crate::command::{DeleteInterface, Rest};
use crate::engine::judge::draft::{Draft, Loss};
use crate::engine::judge::target::free_at;
use crate::engine::judge::{holds, lookup};
use crate::error::Error;
use crate::event::{Change, End, Failure, InterfaceDeleted};
use crate::space::list::AddrList;
use crate::state::Place;
use crate::state::occupant::Kind;
use crate::state::owners::Unit;
use crate::state::view::View;

/// Judges the deletion of an interface: its tasks fail, and its addresses go into quarantine
pub(super) fn decide(
    view: &View<'_>,
    request: &DeleteInterface,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let DeleteInterface { interface: id } = *request;
    let (ix, _) = lookup::interface(view, &id)?;
    for task in view.unfinished(ix) {
        let Some((record, _)) = view.task(task) else { continue };
        let until = holds::end_of_rest(view, record, &Rest::USUAL);
        let failure = Failure::InterfaceDeleted;
        let end = End::Failed { failure, reason: None, kept: AddrList::new() };
        holds::finish(draft, task, end, until, &Rest::USUAL);
    }
    for (subnet, subnet_ix, family) in view.blocks_of(ix) {
        let block = lookup::block(view, subnet, subnet_ix, family)?;
        let has = view.holding(ix, subnet_ix, family);
        let held = has.iter().any(|(_, occupant)| occupant.kind() == Kind::Held);
        let ascending = |of: fn(Kind) -> bool| {
            let of = has.iter().filter(|(_, occupant)| of(occupant.kind()));
            let mut units: Vec<Unit> = of.map(|&(unit, _)| unit).collect();
            units.sort_unstable_by_key(|unit| unit.span.first);
            AddrList::from_parts(units.into_iter().map(|unit| block.part(unit)))
        };
        let mut addresses = ascending(|_| true);
        draft.answer_mut().append(&addresses);
        if held {
            addresses = ascending(|kind| kind == Kind::Assigned);
        }
        if !addresses.is_empty() {
            let until = free_at(view, subnet_ix, &Rest::USUAL);
            let place = Place { interface: ix, subnet: subnet_ix };
            let loss = Loss { interface: id, subnet, addresses, until, reason: None };
            draft.release(view, place, loss);
        }
    }
    draft.push(Change::InterfaceDeleted(InterfaceDeleted { interface: id }));
    Ok(())
}
