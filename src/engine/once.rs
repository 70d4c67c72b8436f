//! Deciding a command once, however often it is asked for

use alloc::boxed::Box;

use super::decide::decide;
use super::draft::Draft;
use crate::command::{Command, Once};
use crate::error::Error;
use crate::event::{Change, Recalled, TokenKept};
use crate::state::tokens::Remembered;
use crate::state::view::View;

/// What deciding `request` comes to: what is known under its token, or what its command comes to
pub(super) fn once(view: &View<'_>, request: &Once, draft: &mut Draft<'_>) -> Result<(), Error> {
    let Once { token, until, command } = request;
    if let Command::Once(_) = **command {
        return Err(Error::OnceWithinOnce);
    }
    let digest = command.request_digest();
    if let Some(known) = view.token(token) {
        let Remembered { request, revision, .. } = *known;
        if request != digest {
            return Err(Error::TokenMismatch { token: *token, revision });
        }
        draft.decision.answer = Some(known.answer.clone());
        let recalled = known.recalled.as_deref().copied().unwrap_or_default();
        draft.decision.recalled = Some(Box::new(recalled));
        draft.decision.revision = revision;
        return Ok(());
    }
    if *until <= view.at() {
        return Err(Error::DeadlinePassed { deadline: *until, now: view.at() });
    }
    let before = draft.changes().len();
    decide(view, command, draft)?;
    if view.has_all_tokens() {
        return Err(Error::TooManyTokens { limit: view.limits().tokens });
    }
    let made = draft.changes().get(before..).unwrap_or_default();
    let Recalled { task, primary } = Recalled::of(made, view.making());
    let first = || made.first().map(Change::addresses);
    let answer = draft.decision.answer.as_ref().or_else(first).cloned().unwrap_or_default();
    let kept = TokenKept { token: *token, until: *until, request: digest, answer, task, primary };
    draft.push(Change::TokenKept(Box::new(kept)));
    Ok(())
}
