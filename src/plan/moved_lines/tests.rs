//! Tests of where lines are after edits, some of them with random edits.

use super::*;

fn between(old: &str, new: &str) -> MovedLines {
    let [old, new] = [old, new].map(|text| Reading::of(text.as_bytes(), "a text").unwrap());
    MovedLines::between(&Side::of(&old), &Side::of(&new))
}

#[test]
fn a_line_that_was_cut_and_pasted_is_where_it_stands_now() {
    let moved = between("a\nb\nc\nd\n", "a\nd\nnew\nb\nc\n");
    assert_eq!(moved.of(Lines::of(2, 3)), Some(Lines::of(4, 5)));
    assert_eq!(moved.of(Lines::at(4)), Some(Lines::at(2)));
    assert_eq!(moved.new, [Lines::at(3)]);
}

#[test]
fn a_line_that_another_one_replaced_is_there_and_new() {
    let moved = between("a\nb\nc\n", "a\nB\nc\n");
    assert_eq!(moved.of(Lines::at(2)), Some(Lines::at(2)));
    assert!(moved.is_new(Lines::at(2)) && moved.is_beside(2, 2));
    assert_eq!(between("a\nb\nc\n", "a\nc\n").of(Lines::at(2)), None);
}

#[test]
fn a_line_stays_in_its_section() {
    let old = "# T\n\n## A\n\nMail the invoice.\n\n## B\n\nClerks may issue notes.\n\n- tested\n";
    let new = "# T\n\n## B\n\nAll clerks may issue notes.\n\n- tested\n\n## C\n\nLog each change.\n\n- tested\n";
    let moved = between(old, new);
    assert_eq!(moved.of(Lines::of(3, 5)), None);
    assert_eq!(moved.of(Lines::of(7, 11)), Some(Lines::of(3, 7)));
    assert_eq!(moved.new, [Lines::at(5), Lines::at(8), Lines::of(9, 13)]);
    // A section with another heading is the same one if it has its lines.
    let renamed = between(
        old,
        &old.replace("## A", "## Z")
            .replace("the invoice", "an invoice"),
    );
    assert_eq!(renamed.of(Lines::of(3, 5)), Some(Lines::of(3, 5)));
}

/// Sections are removed, added, moved and reworded at once: a line whose section and text are unchanged is found, and
/// one of a section that is gone is in no section that was there before.
#[test]
fn lines_of_gone_sections_are_in_no_other_one() {
    let mut seed = 7_u64;
    let mut next = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let words = [
        "clerk", "note", "issues", "customer", "invoice", "must", "see", "log", "mail",
    ];
    for round in 0..300 {
        let mut line = || {
            let said: Vec<&str> = (0..6).map(|_| words[next(9) as usize]).collect();
            format!("The {}.", said.join(" "))
        };
        // Two own lines below each heading, and one that all of them have.
        let sections: Vec<[String; 2]> = (0..8).map(|_| [line(), line()]).collect();
        let mut kept: Vec<(usize, [String; 2])> = sections.iter().cloned().enumerate().collect();
        kept.remove(next(8) as usize);
        kept.remove(next(7) as usize);
        let reworded = next(6) as usize;
        kept[reworded].1[1] = format!("At {round} it is otherwise.");
        let other = next(6) as usize;
        kept.swap(0, other);
        let place = next(7) as usize;
        kept.insert(
            place,
            (20, [format!("New {round}."), format!("Newer {round}.")]),
        );
        let text = |all: &[(usize, [String; 2])]| {
            let section = |(name, [one, two]): &(usize, [String; 2])| {
                format!("## Part {name}\n\n{one}\n\n{two}\n\n- tested\n\n")
            };
            format!("# T\n\n{}", all.iter().map(section).collect::<String>())
        };
        let old: Vec<(usize, [String; 2])> = sections.into_iter().enumerate().collect();
        let (before, now) = (text(&old), text(&kept));
        let moved = between(&before, &now);
        let after: Vec<&str> = now.lines().collect();
        let heading = |line: u32| {
            let above = after[..line as usize].iter().rev();
            above.copied().find(|line| line.starts_with('#')).unwrap()
        };
        for (name, own) in &old {
            let start = u32::try_from(3 + 8 * name).unwrap();
            let there = kept.iter().find(|(other, _)| other == name);
            for (at, said) in [(start + 2, &own[0]), (start + 4, &own[1])] {
                let place = moved.of(Lines::at(at)).map(|lines| lines.start);
                match there {
                    Some((_, now)) if now.contains(said) => {
                        let place = place.unwrap_or_else(|| panic!("{at} of {before}\n{now:?}"));
                        assert_eq!(after[place as usize - 1], said, "{before}\n{after:?}");
                    }
                    Some(_) => {
                        let own = format!("## Part {name}");
                        assert!(
                            place.is_none_or(|at| heading(at) == own),
                            "{before}\n{after:?}"
                        );
                    }
                    None => assert!(
                        place.is_none_or(|at| heading(at) == "## Part 20"),
                        "{before}\n{after:?}"
                    ),
                }
            }
        }
    }
}

/// Sections with the same criteria are removed, added, renamed, repeated, moved and reworded at once.
#[test]
fn each_place_is_of_one_line_and_criteria_stay_with_their_task() {
    let mut seed = 11_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005);
        seed = seed.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let said = |n: usize| {
        let words: Vec<String> = (0..6).map(|word| format!("w{n}x{word}")).collect();
        words.join(" ")
    };
    let text = |all: &[(String, String)]| {
        let section = |(heading, said): &(String, String)| {
            format!("## {heading}\n\n{said}\n\n### Acceptance\n\n- tested\n- told\n\n")
        };
        format!("# T\n\n{}", all.iter().map(section).collect::<String>())
    };
    for _ in 0..300 {
        let old: Vec<_> = (0..8).map(|n| (format!("Part {n}"), said(n))).collect();
        let mut new = old.clone();
        for _ in 0..4 {
            let (at, other) = (next(new.len()), next(new.len()));
            match next(6) {
                0 => drop(new.remove(at)),
                1 => new[at].0 = format!("Renamed {}", next(99)),
                2 => new[at].0 = new[other].0.clone(),
                3 => new.swap(at, other),
                4 => new[at].1 += " too",
                _ => new.insert(at, (format!("New {}", next(99)), said(20 + next(50)))),
            }
        }
        let now = text(&new);
        let moved = between(&text(&old), &now);
        let places: Vec<usize> = moved.place.iter().copied().flatten().collect();
        let different: BTreeSet<&usize> = places.iter().collect();
        assert_eq!(different.len(), places.len(), "{now}");
        for (n, (_, said)) in old.iter().enumerate() {
            let line = 4 + 9 * n;
            let is_it = |line: &str| line.starts_with(said.as_str());
            assert_eq!(moved.place[line], now.lines().position(is_it), "{now}");
            for more in [4, 5] {
                let beside = moved.place[line].map(|at| at + more);
                assert_eq!(
                    moved.place[line + more],
                    beside,
                    "{more} of {said} in\n{now}"
                );
            }
        }
    }
}

#[test]
fn a_text_whose_lines_all_stand_in_several_places_is_the_same_text() {
    let text = "x\nx\n\n- tested\n- tested\n";
    for side in [text.to_owned(), format!("{text}more\n")] {
        let moved = between(text, &side);
        assert_eq!(moved.of(Lines::of(1, 5)), Some(Lines::of(1, 5)));
        assert!(!moved.is_new(Lines::of(1, 5)));
    }
}

#[test]
fn a_line_that_stands_in_several_places_is_not_moved() {
    let moved = between("x\na\nb\n", "a\nb\nx\nx\n");
    assert_eq!(moved.of(Lines::at(1)), None);
    assert_eq!(moved.new, [Lines::of(3, 4)]);
}
