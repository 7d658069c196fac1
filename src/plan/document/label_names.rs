//! The names of bold labels in several languages, with their kinds.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{LabelKind, Words, tokens, words};

/// The names in lower case, without fillers and words in brackets.
const NAMES: &[(LabelKind, &str)] = &[
    (
        LabelKind::Acceptance,
        "acceptance|acceptance criteria|acceptance criterion|acceptance tests|\
         acceptance test|acceptance conditions|success criteria|success criterion|success|\
         done when|dod|definition of done|exit criteria|criteria|verification|validation|ac|\
         acs|akzeptanzkriterien|abnahmekriterien|abnahme|akzeptanz|erfolgskriterien|\
         fertig wenn|critères d acceptation|critères dacceptation|critères de succès|\
         critère d acceptation|criterios de aceptación|criterios de éxito|\
         critérios de aceitação|critérios de aceite|критерии приемки|критерии приёмки|\
         критерии успеха|验收标准|验收条件|成功标准|受け入れ基準|受入基準|受け入れ条件|完了条件",
    ),
    (
        LabelKind::Tasks,
        "tasks|task|steps|step|to do|todo|todos|implementation|implementation steps|\
         implementation tasks|subtasks|sub tasks|action items|actions|work|work items|\
         aufgaben|schritte|umsetzung|tâches|étapes|tareas|pasos|tarefas|passos|etapas|задачи|\
         шаги|任务|步骤|タスク|作業|手順",
    ),
    (
        LabelKind::Scope,
        "scope|includes|included|in scope|umfang|périmètre|portée|alcance|escopo|范围|スコープ",
    ),
    (
        LabelKind::Goal,
        "goal|goals|objective|objectives|purpose|aim|vision|mission|ziel|ziele|zweck|\
         objectif|objectifs|but|objetivo|objetivos|цель|цели|目标|目的|目標",
    ),
    (
        LabelKind::Deliverables,
        "deliverables|deliverable|critical deliverables|outputs|output|artifacts|ergebnisse|\
         liefergegenstände|livrables|livrable|entregables|entregáveis|результаты|交付物|成果物",
    ),
    (
        LabelKind::Effort,
        "effort|estimate|estimates|estimated effort|estimation|points|story points|point|\
         duration|size|time|complexity|aufwand|schätzung|dauer|effort estimé|durée|charge|\
         esfuerzo|estimación|duración|esforço|estimativa|duração|оценка|трудозатраты|工作量|工数|\
         見積",
    ),
    (
        LabelKind::DependsOn,
        "depends on|dependencies|dependency|depends|requires|required|blocked by|after|\
         prerequisites|prerequisite|hängt ab von|abhängig von|abhängigkeiten|abhängigkeit|\
         voraussetzungen|dépend de|dépendances|prérequis|depende de|dependencias|\
         dependências|зависит от|зависимости|依赖|依赖项|依存|依存関係",
    ),
    (
        LabelKind::Risk,
        "risk|risks|risiko|risiken|risque|risques|riesgo|riesgos|risco|riscos|риск|риски|风险|\
         リスク",
    ),
    (
        LabelKind::Mitigation,
        "mitigation|mitigations|mitigation strategy|countermeasures|gegenmaßnahme|\
         gegenmaßnahmen|atténuation|mitigación|mitigação|缓解措施|対策",
    ),
    (
        LabelKind::Priority,
        "priority|prio|priorität|priorité|prioridad|prioridade|приоритет|优先级|優先度",
    ),
    (
        LabelKind::Actor,
        "owner|owners|reviewer|reviewers|assignee|assignees|assigned to|responsible|author|\
         authors|approver|approvers|lead|team|actor|actors|stakeholders|contact|\
         verantwortlich|responsable|responsável|ответственный|负责人|担当|担当者",
    ),
    (
        LabelKind::Paths,
        "files|file|paths|path|files to change|files to modify|files to create|\
         affected files|dateien|fichiers|archivos|arquivos|файлы|文件|ファイル",
    ),
    (
        LabelKind::Story,
        "story|user story|nutzergeschichte|récit utilisateur|historia de usuario|\
         história de usuário|用户故事|ユーザーストーリー",
    ),
];

/// Words in a name that do not change its kind.
const FILLERS: Words =
    words!("the, key, main, technical, critical, external, expected, overall, planned");

fn names() -> &'static HashMap<String, LabelKind> {
    static INDEX: OnceLock<HashMap<String, LabelKind>> = OnceLock::new();
    INDEX.get_or_init(|| {
        let all = NAMES.iter().rev();
        let each = |(kind, names): &(LabelKind, &'static str)| {
            let kind = *kind;
            let names = names.split('|');
            names.map(move |name| (tokens::unaccented(name).join(" "), kind))
        };
        all.flat_map(each).collect()
    })
}

/// The kind of the label `name`.
pub(super) fn kind_of(name: &str) -> LabelKind {
    if name.len() > 80 {
        return LabelKind::Other;
    }
    let open = name.find(['(', '（', '[']).unwrap_or(name.len());
    let mut tokens = tokens::unaccented(&name[..open]);
    let find = |name: &str| names().get(name).copied();
    if let Some(kind) = find(&tokens.join(" ")) {
        return kind;
    }
    tokens.retain(|token| !FILLERS.contains(token));
    find(&tokens.join(" ")).unwrap_or(LabelKind::Other)
}
