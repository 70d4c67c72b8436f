//! The engine and its log, as the README embeds it
//!
//! `cargo run --example embed`

use ipam_core::*;

/// An engine, and the log that survives it.
struct Controller {
    engine: Engine,
    log: Vec<Event>,
}

impl Controller {
    fn serve(
        &mut self,
        now: Timestamp,
        command: Command,
    ) -> Result<AddrList, Box<dyn std::error::Error>> {
        let decision = self.engine.decide(now, &command)?; // refused: nothing has happened
        if let Some(event) = decision.event() {
            self.log.push(event.clone()); // store it; if that fails, return: nothing has happened
            self.engine.apply(event)?; // what is stored is now true
        }
        Ok(decision.answer().clone())
    }

    fn restart(log: Vec<Event>) -> Result<Self, ApplyError> {
        let mut engine = Engine::new();
        log.iter().try_for_each(|event| engine.apply(event))?;
        Ok(Self { engine, log })
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now = Timestamp::from_millis(1_700_000_000_000);
    let mut controller = Controller::restart(Vec::new())?;
    let (vpc, subnet, eni) =
        ("vpc-7t9nf3pu".parse()?, "subnet-a".parse()?, "eni-m6dyj72l".parse()?);

    let cidrs = vec!["10.0.0.0/16".parse()?, "2001:db8::/56".parse()?];
    controller.serve(now, Command::CreateVpc { vpc, cidrs })?;
    let dual_stack = CreateSubnet::new(subnet, vpc, Profile::TENCENT)
        .v4("10.0.0.0/24".parse()?)
        .v6("2001:db8::/64".parse()?);
    controller.serve(now, dual_stack.into())?;
    let interface = CreateInterface::new(eni, subnet).quota(10).primary_v4(Primary::Chosen);
    controller.serve(now, interface.into())?;

    let two = controller.serve(now, Assign::new(eni, Pick::any(2)).into())?;
    assert_eq!(two.to_string(), "10.0.0.3-10.0.0.4");

    let gateway: std::net::IpAddr = "10.0.0.1".parse()?;
    let Err(why) = controller.serve(now, Assign::new(eni, Pick::these([gateway])).into()) else {
        return Err("the gateway was given away".into());
    };
    assert_eq!(why.to_string(), "address 0 of the list, `10.0.0.1`, is the gateway");

    let again = Controller::restart(controller.log)?;
    assert_eq!(again.engine, controller.engine);
    Ok(())
}
