//! Comparing the engine with the real network: differences, and commands that end them
//!
//! Somebody changes interfaces behind a controller's back, notifications are lost, or a cloud does half of what it
//! was asked. So a controller looks at the real network from time to time, and compares. Nothing here changes an
//! engine: data goes in ([`Observed`]) and data comes out, either every [`Difference`] or a [`Plan`]. A plan has the
//! commands that end those differences in which its [`Terms`] trust the network more than the engine.
//!
//! Three things keep a wrong observation from doing harm:
//!
//! - *Debounce*: a difference counts once it has been seen often or long enough. The caller keeps what was seen, as
//!   [`Sightings`], and passes it in each round. The only clock is the time that the caller passes.
//! - *A cap* on how many addresses one round takes from interfaces. The plan postpones what exceeds it, and says so.
//! - *Generations*: a release names the revision that made the assignment, so a late plan releases nothing that was
//!   assigned since. An address that was assigned after the observation began is not reported missing
//!   ([`Observed::as_of`]).
//!
//! A plan never releases an address that was seen on its owner. A held address that was not seen is not missing, as
//! the hold is still waiting for it to appear.
//!
//! # A round
//!
//! ```
//! use ipam_core::reconcile::{Debounce, Observed, Seen, Sightings, Terms, plan};
//! use ipam_core::*;
//!
//! fn round(
//!     engine: &mut Engine,
//!     now: Timestamp,
//!     observed: &Observed,
//!     sightings: &mut Sightings,
//! ) -> Result<usize, Box<dyn std::error::Error>> {
//!     // Believe the network once it has said the same twice, and release at most ten addresses a round.
//!     let terms = Terms::network().debounce(Debounce::times(2)).removals(10);
//!     let plan = plan(engine, now, observed, &terms, sightings);
//!     for step in &plan.steps {
//!         match engine.decide_all(now, &step.commands) {
//!             Ok(decision) => {
//!                 if let Some(event) = decision.event() {
//!                     // Store the event here.
//!                     engine.apply(event)?;
//!                 }
//!             }
//!             // It is found again the next time, if it is still so.
//!             Err(refused) => eprintln!("{}: {refused}", step.difference),
//!         }
//!     }
//!     for left in plan.left() {
//!         eprintln!("{left}");
//!     }
//!     Ok(plan.steps.len())
//! }
//!
//! # let (mut engine, now) = (Engine::new(), Timestamp::ZERO);
//! # let (vpc, subnet, eni) = ("vpc-1".parse()?, "subnet-1".parse()?, "eni-1".parse()?);
//! # engine.execute(now, &CreateVpc::new(vpc).into())?;
//! # let create = CreateSubnet::new(subnet, vpc, Profile::AWS).v4("10.0.0.0/24".parse()?);
//! # engine.execute(now, &create.into())?;
//! # engine.execute(now, &CreateInterface::new(eni, subnet).into())?;
//! // The engine has 10.0.0.4 and 10.0.0.5; the network has 10.0.0.4, and 10.0.0.1, which is the gateway.
//! engine.execute(now, &Assign::new(eni, Pick::any(2)).into())?;
//! let seen = ["10.0.0.4", "10.0.0.1"].map(|of| Seen::new(eni, of.parse().unwrap()));
//! let observed = Observed::in_vpc(vpc, seen).as_of(engine.revision());
//!
//! let mut sightings = Sightings::new();
//! assert_eq!(round(&mut engine, now, &observed, &mut sightings)?, 0);
//! assert_eq!(round(&mut engine, now, &observed, &mut sightings)?, 2);
//! let has: Vec<String> = engine.addresses(eni).unwrap().map(|of| of.address.to_string()).collect();
//! assert_eq!(has, ["10.0.0.4", "10.0.0.1"]);
//! assert_eq!(round(&mut engine, now, &observed, &mut sightings)?, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod difference;
mod observed;
mod plan;
mod sightings;

pub use difference::{Difference, Standing, differences};
pub use observed::{Observed, Scope, Seen};
pub use plan::{Cap, Plan, Step, Terms, Trust, plan};
pub use sightings::{Debounce, Sightings};
