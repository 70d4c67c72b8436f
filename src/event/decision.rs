//! What deciding a command comes to

use alloc::vec::Vec;

use super::Event;
use crate::id::Revision;
use crate::space::list::AddrList;

/// What a command comes to: one event, or nothing to change; and the answer either way
#[derive(Clone, Debug)]
pub struct Decision {
    pub(crate) revision: Revision,
    /// One without changes is [`Event::nothing`]
    pub(crate) event: Event,
    /// None if it is what the event's first change assigns or releases, or nothing
    pub(crate) answer: Option<AddrList>,
    /// One a command, of a batch
    pub(crate) answers: Option<Vec<AddrList>>,
}

impl PartialEq for Decision {
    fn eq(&self, other: &Self) -> bool {
        (self.revision, self.event(), self.answer(), &self.answers)
            == (other.revision, other.event(), other.answer(), &other.answers)
    }
}

impl Eq for Decision {}

#[cfg(feature = "serde")]
mod decision_forms {
    use super::{AddrList, Decision, Event, Revision, Vec};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize)]
    #[serde(rename = "Decision")]
    struct Shown<'a> {
        revision: Revision,
        event: Option<&'a Event>,
        answer: &'a AddrList,
        answers: Option<&'a [AddrList]>,
    }

    #[derive(Deserialize)]
    #[serde(rename = "Decision")]
    struct Read {
        revision: Revision,
        event: Option<Event>,
        answer: AddrList,
        answers: Option<Vec<AddrList>>,
    }

    impl Serialize for Decision {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            let (revision, answers) = (self.revision, self.answers.as_deref());
            let (event, answer) = (self.event(), self.answer());
            Shown { revision, event, answer, answers }.serialize(to)
        }
    }

    impl<'de> Deserialize<'de> for Decision {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let Read { revision, event, answer, answers } = Read::deserialize(from)?;
            let event = event.unwrap_or_else(Event::nothing);
            Ok(Self { revision, event, answer: Some(answer), answers })
        }
    }
}

impl Decision {
    /// The event to store and apply; `None` when nothing changes
    pub fn event(&self) -> Option<&Event> {
        (!self.is_unchanged()).then_some(&self.event)
    }

    /// The event to store and apply; `None` when nothing changes
    pub fn into_event(self) -> Option<Event> {
        (!self.is_unchanged()).then_some(self.event)
    }

    /// Whether what was asked for is so already
    pub fn is_unchanged(&self) -> bool {
        self.event.changes.is_empty()
    }

    /// The addresses assigned or released, in the order asked for, chosen ones after named ones
    ///
    /// Of an assignment, also those that the interface had already. Of a deleted interface, all that it
    /// had, by subnet and ascending. Of several commands, all of theirs, in order.
    pub fn answer(&self) -> &AddrList {
        match (&self.answer, self.event.changes.first()) {
            (Some(answer), _) => answer,
            (None, Some(first)) => first.addresses(),
            (None, None) => AddrList::none(),
        }
    }

    /// The answer to one of the commands given to [`decide_all`](crate::Engine::decide_all)
    ///
    /// `None` where there were not so many commands; a single command's answer has index 0.
    pub fn answer_to(&self, index: usize) -> Option<&AddrList> {
        match (&self.answers, index) {
            (Some(answers), _) => answers.get(index),
            (None, 0) => Some(self.answer()),
            (None, _) => None,
        }
    }

    /// The revision that the event makes, or that of the engine asked where nothing changes
    pub const fn revision(&self) -> Revision {
        self.revision
    }
}
