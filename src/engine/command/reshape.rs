//! Judging changes to the shape of a subnet

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::command::Reshape;
use crate::engine::judge::draft::Draft;
use crate::engine::judge::shape::{Plan, Shape, Used, Withheld};
use crate::error::Error;
use crate::event::{Change, SubnetReshaped};
use crate::space::address::Family;
use crate::space::list::AddrList;
use crate::space::range::AddrRange;
use crate::state::view::View;

/// Judges a new shape; there is no change if the subnet has it already
pub(super) fn decide(
    view: &View<'_>,
    request: &Reshape,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let plan = Plan::of(view, request)?;
    if let Some(fault) = plan.faults(view).next() {
        return Err(fault);
    }
    let subnet = plan.id;
    let lost = |family| plan.outside(view, family);
    let lost = Family::ALL.into_iter().flat_map(lost).filter(Used::is_had);
    let mut addresses = AddrList::new();
    addresses.extend(lost.map(|of| of.part()));
    if !addresses.is_empty() {
        return Err(Error::AddressesLost { subnet, addresses });
    }
    let lost = |family| plan.reserved_outside(view, family);
    let ranges: Vec<AddrRange> = Family::ALL.into_iter().flat_map(lost).map(|of| of.0).collect();
    if !ranges.is_empty() {
        return Err(Error::ReservationsLost { subnet, ranges });
    }
    if plan.strict {
        let withheld = |family| plan.withheld_by_rule(view, family);
        let withheld = Family::ALL.into_iter().flat_map(withheld).filter(Withheld::is_news);
        let mut addresses = AddrList::new();
        addresses.extend(withheld.map(|of| of.used.part()));
        if !addresses.is_empty() {
            return Err(Error::AddressesWithheld { subnet, addresses });
        }
    }
    if !plan.is_same() {
        let Shape { v4, v6, profile, .. } = plan.shape;
        let profile = Box::new(profile);
        draft.push(Change::SubnetReshaped(SubnetReshaped { subnet, v4, v6, profile }));
    }
    Ok(())
}
