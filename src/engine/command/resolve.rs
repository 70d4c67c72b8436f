//! Judging the resolution of a hold with what was observed

use crate::command::{Resolve, Rest};
use crate::engine::judge::draft::Draft;
use crate::engine::judge::holds::{end_of_rest, finish, finished, kept_of};
use crate::error::Error;
use crate::event::{End, Failure};
use crate::space::list::AddrList;
use crate::space::parts::Part;
use crate::state::tasks::Stage;
use crate::state::view::View;

/// Judges the resolution of a task
pub(super) fn decide(
    view: &View<'_>,
    request: &Resolve,
    draft: &mut Draft<'_>,
) -> Result<(), Error> {
    let Resolve { task, ref observed, ref prefixes, rest } = *request;
    let (record, stage) = view.task(task).ok_or(Error::TaskNotFound(task))?;
    let mut observed: AddrList = observed.iter().copied().collect();
    observed.extend(prefixes.iter().map(|&prefix| Part::Prefix(prefix)));
    let [seen, unseen] = record.all().split_by(&observed);
    match stage {
        Stage::Running(_) | Stage::Unknown(_) => {
            if unseen.is_empty() {
                finish(draft, task, End::Succeeded, view.at(), &Rest::USUAL);
            } else {
                let failure = Failure::NotObserved;
                let end = End::Failed { failure, reason: None, kept: seen.clone() };
                finish(draft, task, end, end_of_rest(view, record, &rest), &rest);
            }
        }
        stage if kept_of(&stage, record) == seen => {}
        stage => return Err(finished(task, &stage)),
    }
    draft.answer_mut().append(&seen);
    Ok(())
}
