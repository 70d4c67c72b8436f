//! The main job: two documented cloud calls, answered end to end; then a full /8, and a replay of it all
//!
//! `cargo run --release --example quickstart`

#![expect(clippy::expect_used, clippy::arithmetic_side_effects, reason = "an example")]

use std::error::Error;
use std::time::Instant;

use ipam_core::provider::tencent::v2 as tencent;
use ipam_core::provider::zenlayer;
use ipam_core::*;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// An engine and the log of its events, in memory: a controller would store them
struct Controller {
    engine: Engine,
    log: Vec<Event>,
    now: Timestamp,
}

impl Controller {
    /// Decides, stores, applies
    fn serve(&mut self, command: &Command) -> std::result::Result<Decision, ipam_core::Error> {
        let decision = self.engine.decide(self.now, command)?;
        if let Some(event) = decision.event() {
            self.log.push(event.clone());
            self.engine.apply(event).expect("an event fits the engine that has just decided it");
        }
        Ok(decision)
    }

    fn serve_all(&mut self, commands: impl IntoIterator<Item = Command>) -> Result {
        commands.into_iter().try_for_each(|command| Ok(self.serve(&command).map(|_| ())?))
    }

    /// A JSON body in, the HTTP status and JSON body out
    fn zenlayer(&mut self, body: &str) -> Result<(u16, String)> {
        let outcome = serde_json::from_str::<zenlayer::BatchAssignNetworkInterfaceIpv4>(body)
            .map_err(zenlayer::Refusal::unreadable)
            .and_then(|request| request.command())
            .and_then(|assign| self.serve(&assign.into()).map_err(zenlayer::Refusal::from));
        let request_id = "T05992D0C-7E8B-4047-B0C0-780F2CD549D3".parse()?;
        let reply = zenlayer::Reply::new(request_id, outcome.as_ref());
        Ok((reply.http_status(), serde_json::to_string(&reply)?))
    }

    /// A query string or a form in, as it came, and a JSON body out
    fn tencent(&mut self, form: &str) -> Result<String> {
        let pairs = form_urlencoded::parse(form.as_bytes());
        let outcome = tencent::AssignPrivateIpAddresses::from_pairs(pairs)
            .and_then(|request| request.command())
            .and_then(|assign| self.serve(&assign.into()).map_err(tencent::Refusal::from));
        Ok(serde_json::to_string(&tencent::Reply::new(outcome.as_ref()))?)
    }
}

fn main() -> Result {
    let now = Timestamp::from_millis(1_790_000_000_000);
    let mut controller = Controller { engine: Engine::new(), log: Vec::new(), now };
    zenlayer_call(&mut controller)?;
    tencent_call(&mut controller)?;
    dual_stack(&mut controller)?;
    whole_eight(&mut controller)?;
    second_engine(&controller)?;
    what_next();
    Ok(())
}

fn title(text: &str) {
    println!("\n── {text} {}", "─".repeat(76usize.saturating_sub(text.chars().count())));
}

/// `BatchAssignNetworkInterfaceIpv4` as documented, then each of its ten codes
fn zenlayer_call(controller: &mut Controller) -> Result {
    title("Zenlayer: BatchAssignNetworkInterfaceIpv4");
    let vpc = "zen-vpc".parse()?;
    let (lan, v6_only, tiny) = ("lan".parse()?, "v6-only".parse()?, "tiny".parse()?);
    let subnet = |id| CreateSubnet::new(id, vpc, Profile::ZENLAYER);
    let nic = |id: &str, subnet| Ok::<_, IdError>(CreateInterface::new(id.parse()?, subnet));
    controller.serve_all([
        CreateVpc::new(vpc).into(),
        subnet(lan).v4("10.0.0.0/24".parse()?).into(),
        subnet(v6_only).v6("2001:db8:6::/64".parse()?).into(),
        subnet(tiny).v4("10.0.1.0/30".parse()?).into(),
        nic("nic-1", lan)?.quota(8).into(),
        nic("nic-2", lan)?.status(Status::Creating).into(),
        nic("nic-3", v6_only)?.into(),
        nic("nic-4", tiny)?.into(),
    ])?;

    let documented = r#"{"nicId":"nic-1","ipAddresses":["10.0.0.3","10.0.0.4"]}"#;
    let (status, reply) = controller.zenlayer(documented)?;
    println!("request   {documented}\nHTTP {status}  {reply}");

    let list = |nic: &str, list: &str| format!(r#"{{"nicId":"{nic}","ipAddresses":{list}}}"#);
    let count = |nic: &str, count: u64| format!(r#"{{"nicId":"{nic}","ipAddressCount":{count}}}"#);
    for request in [
        count("nic-2", 1),
        count("nic-3", 1),
        list("nic-1", r#"["10.0.0.9","10.0.0.4"]"#),
        list("nic-1", r#"["10.0.0.9","10.7.0.1"]"#),
        list("nic-1", r#"["10.0.0.0"]"#),
        list("nic-1", r#"["10.0.0.255"]"#),
        list("nic-1", r#"["10.0.0.1"]"#),
        count("nic-4", 2),
        list("nic-1", r#"["10.0.0.999"]"#),
        count("nic-1", 7),
    ] {
        let (status, reply) = controller.zenlayer(&request)?;
        println!("{status} {} for {request}", field(&reply, "code")?);
        println!("    {}", field(&reply, "message")?);
    }
    Ok(())
}

/// `AssignPrivateIpAddresses` (v2) as documented, then each of its three codes
fn tencent_call(controller: &mut Controller) -> Result {
    title("Tencent Cloud: AssignPrivateIpAddresses (v2)");
    let (vpc, subnet) = ("vpc-7t9nf3pu".parse()?, "subnet-a".parse()?);
    let eni = |id: &str| Ok::<_, IdError>(CreateInterface::new(id.parse()?, subnet));
    controller.serve_all([
        CreateVpc::new(vpc).within(["10.0.0.0/16".parse()?]).into(),
        CreateSubnet::new(subnet, vpc, Profile::TENCENT).v4("10.0.20.0/24".parse()?).into(),
        eni("eni-m6dyj72l")?.quota(10).primary_v4(Primary::Chosen).into(),
        eni("eni-other")?.primary_v4(Primary::Named("10.0.20.9".parse()?)).into(),
    ])?;

    let documented = "Action=AssignPrivateIpAddresses&vpcId=vpc-7t9nf3pu\
                      &networkInterfaceId=eni-m6dyj72l&secondaryPrivateIpAddressCount=1";
    let reply = controller.tencent(documented)?;
    println!("request   {documented}\nreply     {reply}");

    let named = |vpc: &str, eni: &str| {
        format!(
            "vpcId={vpc}&networkInterfaceId={eni}&privateIpAddressSet.0.primary=false\
             &privateIpAddressSet.0.privateIpAddress=10.0.20.9"
        )
    };
    for request in [
        named("vpc-none", "eni-m6dyj72l"),
        named("vpc-7t9nf3pu", "eni-none"),
        named("vpc-7t9nf3pu", "eni-m6dyj72l"),
    ] {
        let reply = controller.tencent(&request)?;
        println!("{}: {}", field(&reply, "codeDesc")?, field(&reply, "message")?);
    }
    Ok(())
}

/// A text of a JSON body
fn field(body: &str, name: &str) -> Result<String> {
    let body: serde_json::Value = serde_json::from_str(body)?;
    Ok(body.get(name).and_then(|text| text.as_str()).ok_or("no such field")?.to_owned())
}

/// One interface with addresses of both families, assigned as one event
fn dual_stack(controller: &mut Controller) -> Result {
    title("A dual-stack subnet");
    let (vpc, subnet, eni) = ("vpc-dual".parse()?, "dual".parse()?, "eni-dual".parse()?);
    let both = CreateSubnet::new(subnet, vpc, Profile::AWS)
        .v4("172.16.0.0/24".parse()?)
        .v6("2001:db8:1::/64".parse()?);
    let interface = CreateInterface::new(eni, subnet)
        .primary_v4(Primary::Chosen)
        .primary_v6(Primary::Named("2001:db8:1::cafe".parse()?));
    let batch = [
        CreateVpc::new(vpc).into(),
        both.into(),
        interface.into(),
        Assign::new(eni, Pick::any(2)).into(),
        Assign::new(eni, Pick::any(2).family(Family::V6)).into(),
    ];
    let decision = controller.engine.decide_all(controller.now, &batch)?;
    let event = decision.into_event().ok_or("nothing to do")?;
    println!("{} commands are one event, revision {}", batch.len(), event.revision());
    controller.engine.apply(&event)?;
    controller.log.push(event);
    for family in Family::ALL {
        let all = controller.engine.addresses(eni).ok_or("no such interface")?;
        let mine = all.filter(|held| Family::of(held.address) == family);
        let texts: Vec<_> =
            mine.map(|held| format!("{} ({:?})", held.address, held.role)).collect();
        println!("{}", texts.join(", "));
    }
    let gateway = controller.engine.at(controller.now).explain_address(vpc, "172.16.0.1".parse()?);
    println!("172.16.0.1 {}", gateway.causes.first().ok_or("it would be given")?);
    Ok(())
}

/// All of 10.0.0.0/8, 256 addresses at a time
fn whole_eight(controller: &mut Controller) -> Result {
    title("A /8 in batches of 256, and a replay of the whole history");
    let (vpc, subnet) = ("vpc-big".parse()?, "ten".parse()?);
    controller.serve_all([
        CreateVpc::new(vpc).into(),
        CreateSubnet::new(subnet, vpc, Profile::PLAIN).v4("10.0.0.0/8".parse()?).into(),
    ])?;
    let interfaces: Vec<InterfaceId> =
        (0..65_536).map(|n| format!("eni-{n}").parse()).collect::<std::result::Result<_, _>>()?;
    let create = |&eni: &InterfaceId| CreateInterface::new(eni, subnet).into();
    controller.serve_all(interfaces.iter().map(create))?;

    let start = Instant::now();
    let mut assigned = 0;
    let last = loop {
        let eni = *interfaces.get(assigned / 256).ok_or("more addresses than a /8 has")?;
        match controller.serve(&Assign::new(eni, Pick::any(256)).into()) {
            Ok(decision) => assigned += usize::try_from(decision.answer().count())?,
            Err(refusal) => break refusal,
        }
    };
    let seconds = start.elapsed().as_secs_f64();
    println!("{assigned} addresses decided, logged, checked and applied in {seconds:.2} s:");
    println!("{:.0} million a second\nthen: {last}", assigned as f64 / seconds / 1e6);
    Ok(())
}

/// The log, applied to an engine that has seen none of it
fn second_engine(controller: &Controller) -> Result {
    let start = Instant::now();
    let mut second = Engine::with_seed(42);
    controller.log.iter().try_for_each(|event| second.apply(event))?;
    let seconds = start.elapsed().as_secs_f64();
    second.check()?;
    if second != controller.engine {
        return Err("the engines differ".into());
    }
    let (count, digest) = (controller.log.len(), second.digest());
    println!("{count} events replayed in {seconds:.2} s: an equal engine, digest {digest:016x}");
    Ok(())
}

fn what_next() {
    title("What to try next");
    println!(
        "cargo run --release --example embed      the program to copy: an engine, a log, a restart"
    );
    println!(
        "cargo run --release --example reconcile  an operator: two replicas, a store that times out"
    );
    println!(
        "cargo run --release --example capacity   when a subnet runs dry, as a table and a chart"
    );
    println!(
        "cargo doc --no-deps --all-features --open   then the page `guide`: ways to run an engine"
    );
    println!("examples/quickstart.rs   what has just run; a service needs what `Controller` has");
}
