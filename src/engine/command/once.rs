//! Deciding a command once, however often it is sent

use alloc::boxed::Box;

use crate::command::Once;
use crate::engine::judge::draft::Draft;
use crate::engine::judge::target::lies_ahead;
use crate::error::Error;
use crate::event::{Change, Recalled, TokenKept};
use crate::space::list::AddrList;
use crate::state::tokens::Remembered;
use crate::state::view::View;

/// Judges a command under a token: the kept answer, or the decision of the command
pub(super) fn decide(view: &View<'_>, request: &Once, draft: &mut Draft<'_>) -> Result<(), Error> {
    let (Once { token, until, .. }, command) = (request, request.command());
    let digest = command.digest();
    if let Some(known) = view.token(token) {
        let Remembered { request, revision, .. } = *known;
        if request != digest {
            return Err(Error::TokenMismatch { token: *token, revision });
        }
        draft.decision.answer = Some(AddrList::clone(&known.answer));
        let recalled = known.recalled.as_deref().copied().unwrap_or_default();
        draft.decision.recalled = Some(Box::new(recalled));
        draft.decision.revision = revision;
        return Ok(());
    }
    lies_ahead(view, *until)?;
    let before = draft.changes().len();
    super::decide(view, command, draft)?;
    let made = draft.changes().get(before..).unwrap_or_default();
    let Recalled { task, primary } = Recalled::of(made, view.making());
    let first = || made.first().map(Change::addresses);
    let answer = draft.decision.answer.as_ref().or_else(first).cloned().unwrap_or_default();
    // What the command itself holds is kept too.
    let held = made.iter().map(|change| match change {
        Change::Held(held) => held.addresses.run_count(),
        Change::HoldExtended(of) => of.addresses.run_count(),
        _ => 0,
    });
    view.judge_token(held.fold(answer.run_count(), usize::saturating_add))?;
    let kept = TokenKept { token: *token, until: *until, request: digest, answer, task, primary };
    draft.push(Change::TokenKept(Box::new(kept)));
    Ok(())
}
