//! Passed deadlines, which are processed before the first change of any event

use super::{Fact, Fit};
use crate::event::Swept;
use crate::state::State;
use crate::state::commit::Making;
use crate::state::view::View;

impl Fact for Swept {
    fn fits(&self, _: &View<'_>) -> Fit {
        Ok(None)
    }

    fn make<'e>(&'e self, _: &mut State, _: &mut Making<'e>) {}
}
