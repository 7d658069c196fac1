//! The query language: accepted and refused texts, and round trips of parsing and printing.

use proptest::prelude::*;

use super::*;

fn read(text: &str) -> String {
    match Expr::parse(text) {
        Ok(expr) => expr.to_string(),
        Err(error) => panic!("{text}: {error}"),
    }
}

#[test]
fn queries_as_users_type_them() {
    for (typed, means) in [
        ("", ""),
        (
            "status:open label:auth -owner:me \"race\"",
            "status:open label:auth -owner:me \"race\"",
        ),
        ("a b or c", "\"a\" \"b\" or \"c\"*"),
        ("a b or c ", "\"a\" \"b\" or \"c\""),
        ("a (b OR c)", "\"a\" (\"b\" or \"c\")"),
        ("a and not b", "\"a\" -\"b\"*"),
        ("!(a b)", "-(\"a\" \"b\")"),
        ("auth* \"log in\"*", "\"auth\"* \"log in\"*"),
        ("P:P1,p2", "priority:1,2"),
        ("priority:<=1", "priority:<=1"),
        ("estimate:s..L", "estimate:>=S estimate:<=L"),
        ("points:>=5 points:1,13", "points:>=5 points:1,13"),
        ("is:Ready,blocked", "is:ready or is:blocked"),
        ("is:Task", "kind:task"),
        ("is:epic", "kind:epic or kind:issue type:epic"),
        ("-is:epic", "-(kind:epic or kind:issue type:epic)"),
        ("has:claim", "has:claim"),
        ("due:<2026-12-01 is:Deferred", "due:<2026-12-01 is:deferred"),
        ("below:E-1 defer-until:>1d", "under:E-1 defer:>1d"),
        ("due:<=tomorrow due:<+3d", "due:<=tomorrow due:<\"+3d\""),
        ("due:3d..2w", "due:>=3d due:<=2w"),
        ("\"status=done\" \"a<b\"", "\"status=done\" \"a<b\""),
        ("updated:>7d", "updated:>7d"),
        ("updated:<\"2 weeks\"", "updated:<\"2 weeks\""),
        (
            "created:2026-11-01..2026-11-20",
            "created:>=2026-11-01 created:<=2026-11-20",
        ),
        ("closed:30d..7d", "closed:<=30d closed:>=7d"),
        ("label:\"a b\",c*", "label:\"a b\",c*"),
        ("depends-on:T-1 Needs:T-2", "depends-on:T-1 depends-on:T-2"),
        ("owner:\"me\"", "owner:\"me\""),
        ("\"and\"", "\"and\""),
        ("andrew", "\"andrew\"*"),
        ("id:t-1,bd-7", "id:T-0001,bd-7"),
        ("T-1", "id:T-0001 or \"T-1\"*"),
        ("t-1 E-2? T-0003", "id:T-0001,E-0002,T-0003"),
        ("T-1,T-2", "id:T-0001,T-0002"),
        ("T-1 race", "(id:T-0001 or \"T-1\") \"race\"*"),
    ] {
        assert_eq!(read(typed), means, "{typed}");
    }
}

#[test]
fn a_refusal_has_a_position_and_a_hint() {
    for (typed, position, message, hint) in [
        (
            "a priorty:1",
            3,
            "`priorty` is not a field",
            "did you mean `priority:`?",
        ),
        ("http://x", 1, "`http` is not a field", "in quotes"),
        ("(a", 1, "not closed", "add `)`"),
        ("é a)", 4, "no matching opening", "remove it"),
        ("a or", 5, "missing", "condition"),
        ("or a", 1, "must be between", "quotes"),
        ("\"a", 1, "quotation mark", "add"),
        ("- a", 1, "negate", "condition"),
        ("status:", 8, "a value is missing", "colon"),
        ("title:>x", 7, "cannot be compared", "`title:VALUE`"),
        (
            "priority:7",
            10,
            "`7` is not a valid priority",
            "0, 1, 2, 3, 4",
        ),
        ("priority:<1,2", 13, "one value", "or"),
        (
            "updated:>soon",
            10,
            "`soon` is not a valid time",
            "2026-11-20",
        ),
        ("is:done", 4, "is not a known condition", "ready"),
        (
            "is:review",
            4,
            "is not a known condition",
            "`status:in_review`",
        ),
        ("due:>soon", 6, "`soon` is not a valid time", "tomorrow"),
        (
            "a priority<=1",
            3,
            "it has no colon",
            "did you mean `priority:<=1`?",
        ),
        ("due<7d", 1, "it has no colon", "`due:<7d`"),
        ("status=done", 1, "it has no colon", "`status:done`"),
        ("state==done", 1, "it has no colon", "`status:done`"),
        ("p!=0", 1, "it has no colon", "`-priority:0`"),
        ("priorty>2", 1, "it has no colon", "`priority:>2`"),
        ("is=ready", 1, "it has no colon", "`is:ready`"),
        (
            "x86=arm",
            1,
            "it has no colon",
            "in quotes to search for the text: \"x86=arm\"",
        ),
        ("priority <= 1", 10, "it has no colon", "without spaces"),
        ("has:body", 5, "not a field", "fields are"),
        ("label:\"a\"b", 10, "a space is missing", "spaces"),
        ("...", 1, "no word", "letter"),
        ("has:blocks", 5, "not supported", "`blocks:ID`"),
        ("has:under", 5, "not supported", "`under:ID`"),
    ] {
        let error = Expr::parse(typed).expect_err(typed);
        assert_eq!(error.position, position, "{typed}: {error}");
        assert!(error.message.contains(message), "{typed}: {error}");
        assert!(error.hint.contains(hint), "{typed}: {}", error.hint);
    }
    let deep = format!("{}a{}", "(".repeat(500), ")".repeat(500));
    assert!(Expr::parse(&deep).is_err());
    assert!(Expr::parse(&"-".repeat(100_000)).is_err());
}

#[test]
fn a_sort_order_is_a_list_of_fields() {
    let keys = sort_keys("priority,-updated").unwrap();
    assert_eq!(keys.len(), 2);
    assert!(keys[1].descending && keys[1].field == Field::Updated);
    assert_eq!(sort_keys("id,nonsense").unwrap_err().position, 4);
    assert!(sort_keys("").is_err());
    assert!(columns("id,title,acceptance").is_ok());
    assert!(columns("id,blocks").is_err());
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,6}", "[a-zé0-9 ,():\"\\\\<=>.*!-]{0,8}[a-z0-9]"]
}

fn pattern(field: Field) -> impl Strategy<Value = Pattern> {
    let actor = field.shape() == Shape::Actor;
    prop_oneof![
        word().prop_map(|text| Pattern::Text(matches::folded(&text))),
        prop::collection::vec("[a-z0-9<=>./-]{0,3}", 2..4).prop_map(Pattern::Wild),
        Just(if actor {
            Pattern::Me
        } else {
            Pattern::Text("x".into())
        }),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        Just(Op::Is),
        Just(Op::Less),
        Just(Op::AtMost),
        Just(Op::More),
        Just(Op::AtLeast)
    ]
}

fn test() -> impl Strategy<Value = Test> {
    let fields: Vec<Field> = Field::all().collect();
    let some = prop::sample::select(fields);
    let value = some.clone().prop_flat_map(|field| {
        let words = prop::collection::vec(word(), 1..3);
        let patterns = prop::collection::vec(pattern(field), 1..3);
        (words, patterns, op(), 0usize..3, any::<bool>()).prop_map(
            move |(words, patterns, op, rank, dated)| match field.shape() {
                Shape::Word | Shape::Actor | Shape::Text => Test::Value(field, patterns),
                Shape::Item => Test::Item(field, words),
                Shape::Rank(_) | Shape::Number => Test::Rank(field, op, vec![rank]),
                Shape::Time if dated => Test::Time(field, op, When::At("2026-11-20".into())),
                Shape::Time if field.is_ahead() => {
                    Test::Time(field, op, When::At("3 weeks".into()))
                }
                Shape::Time => Test::Time(field, op, When::Ago("3 weeks".into())),
            },
        )
    });
    prop_oneof![
        value,
        (word(), any::<bool>()).prop_map(|(text, prefix)| Test::Words(Words { text, prefix })),
        prop::sample::select(Mark::ALL.to_vec()).prop_map(Test::Is),
        some.prop_filter("not a field of the item", |f| {
            !matches!(f, Field::Blocks | Field::Under)
        })
        .prop_map(Test::Has),
    ]
}

pub(crate) fn expr() -> impl Strategy<Value = Expr> {
    let leaf = test().prop_map(Expr::Test);
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Any),
            inner.prop_map(|expr| Expr::Not(Box::new(expr))),
        ]
    })
}

proptest! {
    #[test]
    fn printed_expressions_parse_to_the_same(expr in expr()) {
        let text = expr.to_string();
        let back = Expr::parse(&text);
        prop_assert_eq!(back.as_ref(), Ok(&expr), "{}", text);
    }

    #[test]
    fn any_text_is_parsed_or_refused_at_a_position_in_it(text in "[a-z:\"()<>=,. *!é-]{0,40}") {
        match Expr::parse(&text) {
            Ok(expr) => prop_assert_eq!(Expr::parse(&expr.to_string()), Ok(expr)),
            Err(error) => {
                prop_assert!(error.position >= 1 && error.position <= text.chars().count() + 1);
                prop_assert!(!error.hint.is_empty());
            }
        }
    }
}
