//! Interfaces that are created, changed and deleted

use super::{Fact, Fit, absent, interface, offsets, subnet, unused};
use crate::error::Contradiction;
use crate::event::{InterfaceCreated, InterfaceDeleted, PrimarySet, QuotaSet, StatusSet};
use crate::space::address::Family;
use crate::space::range::AddrRange;
use crate::state::State;
use crate::state::commit::Making;
use crate::state::interface::Interface;
use crate::state::view::View;

impl Fact for InterfaceCreated {
    fn fits(&self, view: &View<'_>) -> Fit {
        absent(view.find_interface(&self.interface))?;
        subnet(view, &self.subnet).map(|_| None)
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        let Self { interface, subnet, status, quota } = self;
        let Some(home) = making.subnet(state, subnet) else { return };
        let ix = state.interfaces.insert(*interface, Interface::new(home, *status, *quota));
        making.met_interface(interface, ix);
        if let Some(home) = state.subnets.get_mut(home) {
            home.home_interfaces = home.home_interfaces.saturating_add(1);
        }
    }
}

impl Fact for InterfaceDeleted {
    fn fits(&self, view: &View<'_>) -> Fit {
        let ix = interface(view, &self.interface)?;
        let found = view.interface(ix).ok_or(Contradiction::Missing)?;
        let has_none = (found.count.v4.slots, found.count.v6.slots) == (0, 0);
        unused(has_none && view.unfinished(ix).next().is_none())?;
        Ok(None)
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        let Some(ix) = making.interface(state, &self.interface) else { return };
        making.forget_interface();
        let Some(gone) = state.interfaces.remove(ix) else { return };
        if let Some(home) = state.subnets.get_mut(gone.home) {
            home.home_interfaces = home.home_interfaces.saturating_sub(1);
        }
    }
}

impl Fact for StatusSet {
    fn fits(&self, view: &View<'_>) -> Fit {
        interface(view, &self.interface).map(|_| None)
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        if let Some(interface) = making.interface_mut(state, &self.interface) {
            interface.status = self.status;
        }
    }
}

impl Fact for QuotaSet {
    fn fits(&self, view: &View<'_>) -> Fit {
        interface(view, &self.interface).map(|_| None)
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        if let Some(interface) = making.interface_mut(state, &self.interface) {
            interface.set_quota(self.quota);
        }
    }
}

impl Fact for PrimarySet {
    fn fits(&self, view: &View<'_>) -> Fit {
        let address = self.address;
        let ix = interface(view, &self.interface)?;
        let found = view.interface(ix).ok_or(Contradiction::Missing)?;
        let home = view.subnet(found.home).ok_or(Contradiction::Missing)?;
        let subnet = view.subnet_at(home.vpc, address).ok_or(Contradiction::NotHeld)?;
        let (block, span) = offsets(view, subnet, AddrRange::one(address))?;
        let occupant = block.occupant(span.first).filter(|_| !block.has_prefix_within(span));
        if occupant.and_then(|occupant| occupant.interface()) != Some(ix) {
            return Err(Contradiction::NotHeld);
        }
        let is_primary = found.primary(Family::of(address)) == Some(address);
        if is_primary { Err(Contradiction::Primary) } else { Ok(None) }
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        if let Some(interface) = making.interface_mut(state, &self.interface) {
            interface.set_primary(self.address);
        }
    }
}
