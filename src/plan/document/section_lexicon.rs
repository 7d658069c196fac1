//! The words that determine a section's kind, in order of precedence and in several languages. Data
//! only; [`super::section_kinds`] matches them.

use super::SectionKind::{self, *};

/// The patterns for each kind, in order of precedence, separated by `|`. Words in lower case; a
/// final `*` stands for any ending, a leading `=` for a heading with no other words, a leading `$`
/// for a heading that ends with the word. Chinese, Japanese and Korean words match anywhere.
pub(super) const PATTERNS: &[(SectionKind, &str)] = &[
    (
        Appendix,
        "=license|=licence|=contributing|=getting started|=quick start|=quickstart|=usage|=install|\
         =installation|story points|traceability|conclusion|conclusions|fazit|заключение|结论|結論|附錄|術語|更新日志|相关文档|\
         文档信息|faq|faqs|frequently asked|table of contents|inhaltsverzeichnis|目录|目次",
    ),
    (
        Decision,
        "clarifications|resolved questions|decided questions|answered questions|closed questions|resolved issues",
    ),
    (
        Dependency,
        "dependencies between|story dependencies|task dependencies",
    ),
    (Metric, "success criteria|success metrics"),
    (
        Context,
        "key entities|=agenda|attendees|steps to reproduce|how to reproduce|expected behavior|expected behaviour|\
         actual behavior|actual behaviour",
    ),
    (
        NonGoal,
        "not in this|not part of|not planned|leave alone|do not do|dont do|left out|\
         will not build|wont build|not building|비목표|제외|범위 외|하지 않|\
         non goal|non goals|nongoals|not goals|anti goals|out of scope|outside scope|\
         out of mvp|out of the mvp|outside the mvp|out of v1|\
         outside the scope|not in scope|won t|wont|wont have|wont do|will not do|\
         not included|$exclusion|exclusions|excluded|what we are not|not doing|non objectives|\
         no goals|nicht ziele|nichtziele|nicht im umfang|nicht enthalten|\
         nicht verwendet|not used|außerhalb des umfangs|abgrenzung|ausschlüsse|nicht ziel|hors périmètre|\
         hors de portée|hors scope|non objectifs|exclusions|fuera de alcance|\
         fuera del alcance|no objetivos|exclusiones|fora do escopo|fora de escopo|\
         não objetivos|exclusões|не цели|нецели|вне рамок|вне области|за рамками|исключения|\
         非目标|不在范围|范围外|范围之外|超出范围|不做|非目標|スコープ外|対象外|範囲外",
    ),
    (
        Future,
        "not now|not yet|$wishes|wish list|wishlist|향후|추후|=could|=ideas|\
         future|$later|=next|nice to have|nice to haves|could have|could haves|stretch|\
         post mvp|post launch|$backlog|icebox|deferred|parking lot|someday|long term vision|\
         zukunft|zukünftig*|künftig*|später*|ausblick|évolutions futures|futur*|perspectives|\
         futuro|futura|futuras|futuros|trabajo futuro|trabalhos futuros|будущ*|в будущем|\
         на будущее|未来|后续|将来|今後",
    ),
    (
        Question,
        "open decisions|pending decisions|decisions needed|à prendre|à décider|zu klären|\
         por definir|por decidir|a definir|requiring clarification|needs clarification|待定问题|未决问题|遗留问题|미확정|미결|질문|열린 이슈|\
         $question|questions|unresolved|open issue|open issues|open points|open items|\
         unknowns|to be decided|to be determined|tbd|to be discussed|undecided|open topics|\
         offene fragen|offene punkte|fragen|questions ouvertes|points ouverts|preguntas|\
         cuestiones abiertas|perguntas|questões|открытые вопросы|вопрос*|待定|开放问题|未决问题|待解决|\
         未解決|未決|オープンな質問|疑問点",
    ),
    (
        Risk,
        "리스크|위험|\
         $risk|risks|mitigation|mitigations|drawbacks|threats|=threat|pitfalls|failure modes|\
         risk management|risk analysis|risk assessment|risk register|risiko|risiken|gefahren|\
         risque|risques|riesgo|riesgos|risco|riscos|риск*|风险|風險|リスク",
    ),
    (
        Ready,
        "definition of ready|dor|ready criteria|entry criteria|ready when|\
         definition of readiness|就绪定义|準備完了の定義|определение готовности к",
    ),
    (
        Done,
        "완료 정의|완료 기준|\
         definition of done|dod|done criteria|exit criteria|done when|completion criteria|\
         definition der fertigstellung|fertigstellungskriterien|définition de terminé|\
         définition of done|définition de fini|definición de hecho|definición de terminado|\
         definição de pronto|критерии готовности|определение готовности|完成定义|完成的定义|完了の定義|\
         完成の定義",
    ),
    (
        Acceptance,
        "인수 기준|수용 기준|to be checked|launch criteria|release criteria|$verification|verification checklist|verification steps|test cases|\
         $acceptance|acceptance criteria|acceptance criterion|acceptance tests|\
         acceptance conditions|akzeptanzkriterien|abnahmekriterien|abnahme|\
         critères d acceptation|critères dacceptation|criterios de aceptación|\
         critérios de aceitação|critérios de aceite|критерии приемки|критерии приёмки|验收|驗收|\
         受け入れ|受入",
    ),
    (
        Assumption,
        "가정|전제|\
         $assumption|assumptions|annahmen|annahme|hypothèses de travail|supuestos|\
         suposiciones|premissas|suposições|допущения|предположения|假设|前提条件|前提",
    ),
    (
        Constraint,
        "제약|\
         $constraint|constraints|$limitation|limitations|restrictions|technical considerations|\
         rahmenbedingungen|randbedingungen|einschränkungen|contraintes|restricciones|\
         limitaciones|restrições|limitações|ограничения|约束|約束|限制|制約",
    ),
    (
        NonFunctional,
        "비기능|\
         non functional|nonfunctional|nfr|nfrs|quality attributes|quality requirements|\
         performance requirements|security requirements|technical requirements|\
         system requirements|accessibility requirements|compliance requirements|\
         scalability requirements|reliability requirements|usability requirements|\
         cross cutting|service levels|slas|slos|=performance|=security|=scalability|\
         =reliability|=availability|=accessibility|=usability|=compliance|=observability|\
         =privacy|=maintainability|=portability|=compatibility|nicht funktional*|\
         nichtfunktional*|qualitätsanforderungen|=sicherheit|=leistung|non fonctionnel*|\
         =sécurité|no funcional*|=seguridad|=rendimiento|não funciona*|=segurança|\
         =desempenho|нефункциональн*|=безопасность|=производительность|非功能|非機能",
    ),
    (
        Functional,
        "functional requirements|functional specification|functional specifications|\
         functional scope|기능 요구|요구사항|요건|\
         =functional|$requirement|requirements|must have|must haves|should have|should haves|\
         =p0|=p1|=p2|=must|=should|specifications|funktional*|anforderung|anforderungen|\
         muss kriterien|exigence|exigences|fonctionnel*|requisitos|requisito|requerimientos|\
         requerimiento|funcional*|funcionais|требовани*|функциональн*|需求|要件|要求",
    ),
    (
        Story,
        "사용자 스토리|유스케이스|\
         user story|user stories|$story|stories|use case|use cases|jobs to be done|\
         nutzergeschichten|benutzergeschichten|anwendungsfälle|anwendungsfall|\
         récits utilisateur|cas d utilisation|cas dutilisation|historias de usuario|\
         casos de uso|histórias de usuário|histórias do usuário|пользовательские истории|\
         сценарии использования|用户故事|用例|使用情境|ユーザーストーリー|ユースケース",
    ),
    (
        Milestone,
        "로드맵|일정|마일스톤|단계|\
         $milestone|milestones|phases|$phase|=phasing|sprints|$sprint|timeline|timelines|\
         roadmap|schedule|implementation plan|implementation phases|implementation timeline|\
         implementation strategy|release plan|release planning|releases|rollout|rollout plan|\
         launch plan|delivery plan|project plan|development plan|detailed plan|\
         execution plan|work plan|iterations|=mvp|=alpha|=beta|=ga|=v1|=v2|=plan|=weeks|\
         meilenstein|meilensteine|phasen|zeitplan|umsetzungsplan|projektplan|fahrplan|jalon|\
         jalons|calendrier|feuille de route|planning|hito|hitos|fases|cronograma|\
         hoja de ruta|plan de implementación|marcos|roteiro|plano de implementação|этапы|\
         вехи|фазы|план работ|план реализации|дорожная карта|сроки|implementation order|build order|development order|里程碑|時程|阶段|时间表|路线图|实施计划|\
         マイルストーン|フェーズ|スケジュール|ロードマップ|実装計画|スプリント",
    ),
    (
        Feature,
        "기능|\
         $feature|features|epics|$epic|components|=component|modules|=module|capabilities|\
         functionality|funktionen|komponenten|module|fonctionnalité|fonctionnalités|\
         composants|funcionalidad|funcionalidades|características|componentes|módulos|\
         функци*|возможности|компоненты|модули|功能|模块|组件|特性|機能|コンポーネント|モジュール",
    ),
    (
        Checklist,
        "체크리스트|할 일|작업 목록|\
         checklist|$task|$tasks|task breakdown|task list|todo|todos|to do|action items|\
         action plan|next steps|work items|work breakdown|implementation steps|=steps|\
         =actions|aufgaben|aufgabenliste|checkliste|nächste schritte|arbeitspakete|tâches|\
         prochaines étapes|liste de contrôle|tareas|próximos pasos|lista de verificación|\
         tarefas|próximos passos|задачи|список задач|чек лист|следующие шаги|任务|任務|清单|待办|下一步|\
         タスク|チェックリスト|次のステップ",
    ),
    (
        Deliverable,
        "산출물|\
         $deliverable|deliverables|=outputs|artifacts|liefergegenstände|lieferumfang|livrable|\
         livrables|entregable|entregables|entregáveis|entregas|результаты|поставки|交付物|交付|成果物",
    ),
    (
        Metric,
        "성공 지표|성공 기준|지표|\
         $metric|metrics|$kpi|kpis|$okr|okrs|success criteria|success measures|key results|\
         measure of success|measures of success|measuring success|=success|how we measure|\
         kennzahlen|erfolgskriterien|erfolgsmessung|metriken|indicateurs|métriques|\
         mesures de succès|critères de succès|métricas|indicadores|criterios de éxito|\
         critérios de sucesso|метрик*|показател*|критерии успеха|指标|成功标准|成功指标|衡量|指標|成功基準",
    ),
    (
        Decision,
        "의사결정|결정 사항|\
         $decision|decisions|$adr|adrs|decision log|entscheidung|entscheidungen|décisions|\
         décision|decisiones|decisión|decisões|decisão|решения|принятые решения|决策|决定|決定|決定事項",
    ),
    (
        Dependency,
        "의존성|\
         $dependency|dependencies|prerequisite|prerequisites|third party|=integrations|\
         abhängigkeiten|voraussetzungen|dépendances|prérequis|dependencias|\
         requisitos previos|dependências|pré requisitos|зависимост*|依赖|依賴|依存|前置条件",
    ),
    (
        Appendix,
        "부록|용어|\
         appendix|appendices|annex|glossary|references|=reference|changelog|change log|\
         change history|revision history|version history|document history|further reading|\
         =links|=resources|terminology|definitions|=contents|acknowledgments|\
         acknowledgements|approvals|sign off|signoff|related documents|related work|see also|\
         bibliography|document control|document information|anhang|glossar|referenzen|\
         änderungshistorie|annexe|annexes|glossaire|références|historique|apéndice|anexo|\
         anexos|glosario|referencias|apêndice|glossário|referências|приложение|глоссарий|\
         ссылки|附录|术语|参考|变更记录|付録|用語集|参考資料|変更履歴",
    ),
    (
        Persona,
        "타겟 사용자|대상 사용자|페르소나|\
         $persona|personas|target users|target user|target audience|audience|$stakeholder|\
         stakeholders|=actors|=users|user roles|user types|user journey|user journeys|\
         user flow|user flows|customers|zielgruppe|zielgruppen|=nutzer|=benutzer|=utilisateurs|\
         parties prenantes|public cible|=usuarios|=usuários|partes interesadas|\
         partes interessadas|público|=пользователи|целевая аудитория|заинтересованные стороны|\
         用户画像|目标用户|受众|干系人|利益相关者|ペルソナ|対象ユーザー|ターゲット|関係者",
    ),
    (
        Context,
        "개요|배경|목적|문제 정의|목표|요약|비전|\
         $context|background|$problem|problems|$overview|introduction|$summary|$vision|$mission|\
         $goal|goals|$objective|objectives|=aims|$purpose|motivation|=why|=about|abstract|tldr|\
         tl dr|$opportunity|current state|value proposition|business case|$market|$competitive|\
         competitors|alternatives|rationale|=impact|problem statement|prior art|hintergrund|\
         kontext|problemstellung|überblick|einleitung|zusammenfassung|ziel|ziele|zielsetzung|\
         motivation|zweck|ausgangslage|contexte|problème|problématique|aperçu|résumé|\
         introduction|objectif|objectifs|contexto|problema|visión|resumen|introducción|\
         objetivo|objetivos|antecedentes|visão|resumo|introdução|контекст|проблема|обзор|\
         введение|цель|цели|резюме|описание|предыстория|état de l existant|背景|概述|问题|目标|目的|简介|摘要|愿景|概要|目標|はじめに|\
         課題|ビジョン",
    ),
    (
        Process,
        "dependency chain|프로세스|\
         git workflow|branching strategy|code quality|code style|coding standards|\
         local development|lokale entwicklung|prioritization|prioritisation|priorisierung|\
         =process|development process|=workflow|ways of working|communication plan|\
         =communication|governance|=team|roles and responsibilities|=roles|=responsibilities|\
         test plan|testing strategy|test strategy|testing plan|=testing|=quality assurance|\
         =qa|=ownership|prozess|vorgehen|teststrategie|testkonzept|processus|\
         stratégie de test|proceso|processo|estrategia de pruebas|estratégia de testes|\
         процесс|стратегия тестирования|流程|测试策略|测试计划|プロセス|テスト計画|テスト戦略",
    ),
    (
        Scope,
        "범위|\
         $scope|in scope|=included|umfang|geltungsbereich|périmètre|portée|alcance|escopo|\
         область|рамки|объем|范围|スコープ|範囲",
    ),
];

/// Headings of an investigation, which take precedence.
pub(super) const INVESTIGATION: &[(SectionKind, &str)] = &[
    (
        Question,
        "hypothesis|hypotheses|theories|suspects|possible causes|hypothesen|hypothèses|\
         hipótesis|hipóteses|гипотез*|假设|仮説",
    ),
    (
        Checklist,
        "fix|fixes|proposed fix|proposed fixes|proposed solution|resolution|remediation|\
         corrective actions|preventive actions|prevention|follow ups|follow up|=solution|\
         =plan|fix plan|behebung|lösung|correction|solución|solução|исправление|修复|解决方案|修正",
    ),
    (
        Context,
        "symptom|symptoms|timeline|stack trace|stacktrace|backtrace|reproduction|reproduce|\
         repro|steps to reproduce|root cause|evidence|observation|observations|environment|\
         logs|log|findings|analysis|expected behavior|actual behavior|expected behavior|\
         actual behavior|impact|investigation|=performance|symptome|ursache|symptômes|cause|\
         síntomas|sintomas|causa|симптомы|причина|症状|根因|原因",
    ),
];

/// Words without influence on the kind of a section, without accents.
pub(super) const FILLERS: &str = "a|an|the|of|for|to|in|on|with|and|or|our|this|its|key|main|core|high|level|project|\
         product|general|detailed|detail|details|overall|known|potential|business|technical|\
         initial|other|list|plus|user|users|proposed|primary|secondary|additional|current|\
         per|by|open|mvp|target|targets|plan|section|considerations|needs|goals|\
         software|critical|major|minor|remaining|und|der|die|das|fur|des|et|les|de|la|le|du|\
         y|los|las|del|e|os|as|do|da|dos|и";

/// Words at the end of a heading that make it something to build: `Metrics dashboard` is not a
/// metric.
pub(super) const THINGS: &str = "dashboard|dashboards|editor|viewer|engine|service|services|endpoint|endpoints|api|\
         apis|collection|collector|tracking|tracker|graph|builder|generator|generation|\
         export|exports|import|imports|page|pages|screen|screens|store|storage|pipeline|\
         monitoring|monitor|manager|component|command|commands|cli|ui|widget|view|views|form|\
         forms|parser|integration|bank|wizard|bot|handler|validator|resolver|calculator|\
         scoring|notifications|alerts|report|reports|search|panel|schema|library|plugin|\
         queue|cache|logger|logging|scheduler|scanner|detection|enforcement|testing|tests|\
         setup|support|hardening|optimization|modal";

/// The words of one of the lists above.
pub(super) fn each(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split('|')
}
