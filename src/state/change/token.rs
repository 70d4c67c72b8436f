//! Answers that are kept under tokens, and how much may be kept

use super::{Fact, Fit, absent, later};
use crate::event::{LimitsSet, TokenKept};
use crate::state::State;
use crate::state::commit::Making;
use crate::state::tokens::Remembered;
use crate::state::view::View;

impl Fact for TokenKept {
    fn fits(&self, view: &View<'_>) -> Fit {
        later(view, self.until)?;
        absent(view.token(&self.token))?;
        Ok(None)
    }

    fn make<'e>(&'e self, state: &mut State, making: &mut Making<'e>) {
        state.tokens.insert(self.token, Remembered::new(self, making.revision));
        state.note_deadlines();
    }
}

impl Fact for LimitsSet {
    fn fits(&self, _: &View<'_>) -> Fit {
        Ok(None)
    }

    fn make<'e>(&'e self, state: &mut State, _: &mut Making<'e>) {
        state.limits = self.limits;
    }
}
