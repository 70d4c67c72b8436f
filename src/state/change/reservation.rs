//! Ranges that are reserved, and reservations that end

use super::{Fact, Fit, offsets, subnet};
use crate::error::Contradiction;
use crate::event::{RangeReleased, RangeReserved};
use crate::state::State;
use crate::state::commit::Making;
use crate::state::view::View;

impl Fact for RangeReserved {
    fn fits(&self, view: &View<'_>) -> Fit {
        let (block, span) = offsets(view, subnet(view, &self.subnet)?, self.range)?;
        let overlap = block.reservation_within(span).is_some();
        if overlap { Err(Contradiction::Overlap) } else { Ok(None) }
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        if let Some((block, span)) = making.block_mut(state, &self.subnet, self.range) {
            block.space.reserve(span, self.kind);
        }
    }
}

impl Fact for RangeReleased {
    fn fits(&self, view: &View<'_>) -> Fit {
        let (block, span) = offsets(view, subnet(view, &self.subnet)?, self.range)?;
        let exact = block.space.reservation_at(span.first) == Some(span);
        if exact { Ok(None) } else { Err(Contradiction::Missing) }
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        if let Some((block, span)) = making.block_mut(state, &self.subnet, self.range) {
            block.space.unreserve(span);
        }
    }
}
