//! VPCs that are created and deleted

use super::{Fact, Fit, absent, unused};
use crate::error::Contradiction;
use crate::event::{VpcCreated, VpcDeleted};
use crate::state::State;
use crate::state::commit::Making;
use crate::state::view::View;
use crate::state::vpc::{Vpc, are_sound};

impl Fact for VpcCreated {
    fn fits(&self, view: &View<'_>) -> Fit {
        absent(view.find_vpc(&self.vpc))?;
        if are_sound(&self.cidrs) { Ok(None) } else { Err(Contradiction::Cidr) }
    }

    fn make<'e>(&'e self, state: &mut State, _: &mut Making<'e>) {
        state.vpcs.insert(self.vpc, Vpc::new(self.cidrs.clone()));
    }
}

impl Fact for VpcDeleted {
    fn fits(&self, view: &View<'_>) -> Fit {
        let ix = view.find_vpc(&self.vpc).ok_or(Contradiction::Missing)?;
        unused(view.any_subnet(ix).is_none())?;
        Ok(None)
    }

    fn make<'e>(&'e self, state: &mut State, _: &mut Making<'e>) {
        if let Some(ix) = state.vpcs.find(&self.vpc) {
            state.vpcs.remove(ix);
        }
    }
}
