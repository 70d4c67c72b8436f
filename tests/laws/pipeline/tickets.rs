//! Tickets, limits and refusals of a pipeline, each by name

use ipam_core::*;

use super::store::{NOW, any, eni, once, world};

/// A pipeline over the small world, all of it stored
fn pipeline() -> Pipeline {
    let mut engine = Engine::new();
    for command in world() {
        engine.execute(NOW, &command).unwrap();
    }
    Pipeline::new(engine)
}

/// Refuses a confirmation with this code, without a trace
fn refuse(pipeline: &mut Pipeline, ticket: Ticket, code: u16) {
    let before = pipeline.clone();
    assert_eq!(pipeline.confirm(ticket).unwrap_err().code(), code);
    same(pipeline, &before);
}

fn same(one: &Pipeline, other: &Pipeline) {
    assert_eq!(one.head(), other.head());
    assert_eq!(one.durable(), other.durable());
    assert!(one.pending().eq(other.pending()));
}

#[test]
fn a_ticket_of_an_event_is_the_one_that_deciding_gave() {
    let mut pipeline = pipeline();
    let tickets = [1, 1, 2].map(|count| pipeline.decide(NOW, &any("eni-a", count)).unwrap().ticket);
    assert!(pipeline.pending().map(Ticket::of).eq(tickets));
    assert!(pipeline.next_group().map(Ticket::of).eq(tickets));
    pipeline.confirm(tickets[1]).unwrap();
    assert_eq!(pipeline.next_group().count(), 0);
    let more = pipeline.decide(NOW, &any("eni-a", 1)).unwrap().ticket;
    assert!(pipeline.pending().map(Ticket::of).eq([tickets[2], more]));
    assert!(pipeline.next_group().map(Ticket::of).eq([more]));
}

#[test]
fn confirmations_out_of_place_change_nothing() {
    let mut pipeline = pipeline();
    let stored = pipeline.decide(NOW, &any("eni-a", 1)).unwrap().ticket;
    let mut elsewhere = pipeline.clone();
    pipeline.confirm(stored).unwrap();
    refuse(&mut pipeline, stored, 952);
    let next = pipeline.decide(NOW, &any("eni-a", 1)).unwrap().ticket;
    refuse(&mut pipeline, stored, 952);
    elsewhere.decide(NOW, &any("eni-b", 1)).unwrap();
    let ahead = elsewhere.decide(NOW, &any("eni-b", 1)).unwrap().ticket;
    refuse(&mut pipeline, ahead, 953);
    let foreign = elsewhere.pending().nth(1).map(Ticket::of).unwrap();
    refuse(&mut pipeline, foreign, 954);
    assert_eq!(pipeline.abort(), [next]);
    refuse(&mut pipeline, next, 953);
    pipeline.decide(NOW, &any("eni-b", 2)).unwrap();
    refuse(&mut pipeline, next, 954);
}

#[test]
fn a_refusal_and_an_unchanged_answer_wait_for_what_they_are_for() {
    let mut pipeline = pipeline();
    let all = pipeline.decide(NOW, &any("eni-a", 6)).unwrap().ticket;
    let full = pipeline.decide(NOW, &any("eni-b", 1)).unwrap_err();
    assert_eq!((full.code(), full.is_transient()), (700, true));
    assert!(matches!(full, Undecided::Refused { ticket, .. } if ticket == all));
    let ensured = pipeline.decide(NOW, &EnsureCount::at_least(eni("eni-a"), 6).into()).unwrap();
    assert!(ensured.decision.is_unchanged());
    assert_eq!((ensured.ticket, pipeline.is_in_flight(all)), (all, true));
    // It was not stored: neither answer holds.
    assert_eq!(pipeline.abort(), [all]);
    assert!(!pipeline.is_in_flight(all));
    let decided = pipeline.decide(NOW, &any("eni-b", 1)).unwrap();
    assert_eq!(decided.ticket.revision(), all.revision());
    assert!(!pipeline.is_in_flight(all));
}

#[test]
fn a_full_pipeline_judges_still() {
    for limit in [0, 1, 2] {
        let mut pipeline = pipeline().with_limit(limit);
        for _ in 0..limit {
            pipeline.decide(NOW, &any("eni-a", 1)).unwrap();
        }
        let before = pipeline.clone();
        assert_eq!(pipeline.decide(NOW, &any("eni-a", 1)), Err(Undecided::Full { limit }));
        let batch = pipeline.decide_all(NOW, &[any("eni-a", 1)]);
        assert_eq!(batch, Err(Undecided::Full { limit }));
        assert_eq!(batch.unwrap_err().code(), 950);
        assert_eq!(pipeline.decide(NOW, &any("eni-z", 1)).unwrap_err().code(), 202);
        let refused = pipeline.decide_all(NOW, &[any("eni-z", 1)]).unwrap_err();
        assert_eq!((refused.code(), refused.is_transient()), (202, false));
        assert!(pipeline.decide(NOW, &Command::Sweep).unwrap().decision.is_unchanged());
        assert!(pipeline.decide_all(NOW, &[]).unwrap().decision.is_unchanged());
        same(&pipeline, &before);
        pipeline.abort();
        assert_eq!(pipeline.decide(NOW, &any("eni-a", 1)).is_ok(), limit > 0);
    }
}

#[test]
fn an_event_that_does_not_fit_the_store_is_not_followed() {
    let mut pipeline = pipeline();
    let mut other = pipeline.clone();
    let ours = pipeline.decide(NOW, &any("eni-a", 1)).unwrap().ticket;
    other.decide(NOW, &any("eni-b", 2)).unwrap();
    other.decide(NOW, &any("eni-b", 1)).unwrap();
    let [first, second] = [0, 1].map(|at| other.pending().nth(at).cloned().unwrap());
    let before = pipeline.clone();
    assert_eq!(pipeline.follow(&second).unwrap_err().code(), 800);
    same(&pipeline, &before);
    assert_eq!(pipeline.follow(&first), Ok(vec![ours]));
    assert_eq!(pipeline.follow(&first).unwrap_err().code(), 800);
    assert_eq!(pipeline.follow(&second), Ok(vec![]));
    assert_eq!(pipeline.head(), other.head());
    assert_eq!(pipeline.durable(), other.head());
}

/// Two writers, two callers, the same command: without a token the events are the same
#[test]
fn the_same_decision_of_two_writers_is_told_apart_by_its_token() {
    let (mut winner, mut loser) = (pipeline(), pipeline());
    winner.decide(NOW, &any("eni-a", 1)).unwrap();
    let lost = loser.decide(NOW, &any("eni-a", 1)).unwrap().ticket;
    let stored = winner.pending().next().cloned().unwrap();
    // The store has said whose it is: what it refused is dropped, then the other's is followed.
    let mut told = loser.clone();
    assert_eq!(told.abort(), [lost]);
    assert_eq!(told.follow(&stored), Ok(vec![]));
    assert_eq!(told.pending().count(), 0);
    // Nobody has said: it is taken for one's own.
    assert_eq!(loser.follow(&stored), Ok(vec![]));
    assert_eq!(loser.head(), told.head());

    let (mut winner, mut loser) = (pipeline(), pipeline());
    winner.decide(NOW, &once("token-1", any("eni-a", 1))).unwrap();
    let lost = loser.decide(NOW, &once("token-2", any("eni-a", 1))).unwrap().ticket;
    let stored = winner.pending().next().cloned().unwrap();
    assert_eq!(loser.follow(&stored), Ok(vec![lost]));
    let again = loser.decide(NOW, &once("token-2", any("eni-a", 1))).unwrap();
    assert_eq!(again.decision.answer().to_string(), "10.0.0.2");
}

#[test]
fn nothing_in_flight_is_nothing_to_drop() {
    let mut pipeline = pipeline();
    let before = pipeline.clone();
    assert_eq!(pipeline.abort(), []);
    same(&pipeline, &before);
    pipeline.decide(NOW, &any("eni-a", 1)).unwrap();
    assert_eq!(pipeline.into_durable(), before.into_durable());
}
