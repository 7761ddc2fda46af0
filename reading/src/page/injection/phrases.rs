//! By which words a sentence that speaks to a model is known. Data only.

use super::InjectionReason::{
    self, AddressesModel, Exfiltrates, HidesFromUser, OverridesInstructions, RevealsPrompt, SteersAnswer,
};

/// A rule holds for a sentence that has one phrase of each group. Words are in lower case, without apostrophes, between
/// single blanks; scripts without blanks, and stems, go without. The first group is short, and missing in most sentences.
pub(super) type Rule = (InjectionReason, &'static [&'static [&'static str]]);

/// Words without which no rule in Latin letters holds, in lower case.
#[rustfmt::skip]
pub(super) const TRIGGERS: [&str; 55] = [
    "instructions", "instruction", "prompt", "prompts", "directives", "guidelines", "told", "ai", "llm", "llms", "gpt", "chatgpt", "chatbot", "chatbots", "claude", "gemini",
    "copilot", "assistant", "assistants", "model", "models", "agents", "user", "answer", "response", "summary", "reply", "output", "anweisungen", "anweisung", "instruktionen", "vorgaben", "ki",
    "consignes", "instrucciones", "ia", "istruzioni", "instrukcje", "polecenia", "sztuczna", "instructies", "asystentem", "asistente", "assistente", "jailbreak", "summarizing", "summarising", "summarize", "asked",
    "answering", "responding", "processing", "reviewing", "conversation", "chat",
];

/// The same for words with other letters, and stems.
#[rustfmt::skip]
pub(super) const TRIGGERS_UNSPACED: [&str; 17] = [
    "инструкц", "указани", "ассистент", "промпт", "οδηγίες", "εντολές", "βοηθός", "指令", "指示", "提示词", "系统提示", "助手", "人工智能", "命令", "プロンプト", "アシスタント", "instruções",
];

/// In the order in which they are tried.
#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    (OverridesInstructions, &[
        &[" instruction", " prompt", " directives ", " guidelines "],
        &[" ignore ", " disregard ", " forget ", " override ", " bypass ", " pay no attention to ", " discard "],
        &[" previous ", " prior ", " above ", " earlier ", " preceding ", " foregoing ", " all ", " any ", " your ", " system ", " original ", " initial ", " existing ", " other "],
        &[" previous instructions ", " prior instructions ", " above instructions ", " earlier instructions ", " preceding instructions ", " foregoing instructions ", " all instructions ", " any instructions ",
          " your instructions ", " system instructions ", " original instructions ", " initial instructions ", " existing instructions ", " other instructions ", " instructions above ", " instructions before ", " instructions given ",
          " instructions you ", " the instructions that you ", " previous prompt ", " previous prompts ", " prior prompt ", " prior prompts ", " earlier prompt ", " above prompt ", " system prompt ", " your prompt ", " previous directives ", " prior directives ", " your directives ",
          " previous guidelines ", " prior guidelines ", " your guidelines ", " safety guidelines ", " new instructions "]]),
    (OverridesInstructions, &[&[" instructions "], &[" do not follow ", " dont follow ", " stop following "],
        &[" previous instructions ", " prior instructions ", " earlier instructions ", " system instructions ", " original instructions ", " initial instructions "]]),
    (OverridesInstructions, &[&[" told ", " instructed "], &[" forget ", " ignore ", " disregard "], &[" everything ", " anything ", " all "], &[" you were told ", " you have been told ", " you were instructed ", " told before "]]),
    (OverridesInstructions, &[&[" anweisung", " instruktion", " vorgaben "], &[" ignoriere", " vergiss ", " vergessen sie ", " missachte", " ignorieren sie "], &[" vorherig", " bisherig", " alle ", " obig", " früher", " deine "]]),
    (OverridesInstructions, &[&[" instructions ", " consignes "], &[" ignorez ", " ignore ", " ignorer ", " oubliez ", " oublie "], &[" précédent", " antérieur", " toutes les ", " ci dessus "]]),
    (OverridesInstructions, &[&[" instrucciones ", " instruções "], &[" ignora ", " ignore ", " ignorar ", " olvida ", " olvide ", " descarta ", " esqueça "], &[" anterior", " previas ", " todas "]]),
    (OverridesInstructions, &[&[" istruzioni "], &[" ignora ", " ignorate ", " dimentica "], &[" precedenti ", " tutte "]]),
    (OverridesInstructions, &[&[" instructies "], &[" negeer ", " vergeet "], &[" vorige ", " eerdere ", " alle "]]),
    (OverridesInstructions, &[&[" zignoruj ", " ignoruj ", " zapomnij "], &[" instrukc", " polece"], &[" poprzedni", " wcześniejsz", " wszystki"]]),
    (OverridesInstructions, &[&[" игнориру", " проигнориру", " забудь"], &[" инструкци", " указани"], &[" предыдущ", " прежни", " все "]]),
    (OverridesInstructions, &[&[" αγνόησε ", " αγνοήστε ", " ξέχασε "], &[" οδηγίες ", " εντολές "], &[" προηγούμενες ", " όλες "]]),
    (OverridesInstructions, &[&["忽略", "无视", "忘记", "無視", "忽視"], &["指令", "指示", "提示词", "命令", "プロンプト"], &["之前", "以上", "先前", "所有", "前面", "以前", "上記", "これまで", "前の", "すべて"]]),
    (AddressesModel, &[
        &[" you are ", " pretend ", " act as "],
        &[" you are now ", " you are no longer ", " from now on you are ", " pretend to be ", " pretend you are ", " act as if you are "],
        &[" ai ", " assistant ", " language model ", " llm ", " chatbot ", " gpt ", " jailbreak", " unrestricted "]]),
    (AddressesModel, &[&[" ai ", " llm", " language model", " chatgpt ", " chatbot", " assistant "], &[
        " if you are an ai ", " if you are a language model ", " if you are a large language model ", " if you are an llm ", " if you are an assistant ", " if you re an ai ", " if youre an ai ", " if youre an llm ", " if youre a language model ",
        " note to ai ", " note to llm", " note to all ai ", " note for ai ", " message to ai ", " message for ai ", " instructions for ai ", " instructions to ai ", " instruction for ai ", " instruction to ai ", " instructions for llm", " instructions to llm",
        " instructions for language models ", " instructions for chatbots ", " attention all ai ", " dear ai ", " dear llm ", " dear chatgpt ", " hey chatgpt ", " hello chatgpt ",
        " as a language model you ", " as a large language model you ", " as an ai you ", " as an ai language model you ", " as an ai assistant you ", " as an llm you ",
        " you are an ai assistant ", " you are an ai language model ", " you are a large language model ", " you are a helpful assistant ", " you are chatgpt ", " you are a helpful ai ", " to any ai ", " to all ai ", " to all llms ", " for any ai ", " dear language model"]]),
    (AddressesModel, &[
        &[" ai ", " llm", " language model", " chatbot", " assistant"],
        &[" reading this ", " who reads this ", " that reads this ", " processing this ", " summarizing this ", " summarising this ", " analyzing this ", " analysing this ", " parsing this ", " crawling this "],
        &[" must ", " should ", " please ", " are required ", " is required ", " instructed ", " recommend ", " always ", " ignore "]]),
    // Texts about AI say what it must do; only orders name the address.
    (AddressesModel, &[
        &[" ai ", " llm", " language model", " chatbot", " agents "],
        &[" ai must ", " ai should ", " ai agents must ", " ai agents should ", " ai systems must ", " ai systems should ", " ai assistants must ", " ai assistants should ", " ai models must ", " ai models should ",
          " llms must ", " llms should ", " language models must ", " language models should ", " chatbots must ", " chatbots should ", " agents must ", " an llm must ", " an ai agent must ", " an ai assistant must "],
        &[" http ", " https "]]),
    (AddressesModel, &[&[" du bist jetzt ", " du bist nun ", " tu es maintenant ", " vous êtes maintenant ", " eres ahora ", " ahora eres ", " sei ora ", " jesteś teraz ", " ты теперь ", " теперь ты ", " είσαι τώρα ", "你现在是", "あなたは今から", "你是一个"],
        &[" ki ", " ia ", " assistent", " assistant ", " asistente ", " assistente ", " asystent", " ассистент", " βοηθός ", "助手", "人工智能", "アシスタント", "语言模型"]]),
    (RevealsPrompt, &[
        &[" system ", " prompt ", " instructions "],
        &[" reveal ", " print ", " show ", " output ", " repeat ", " disclose ", " leak ", " tell me ", " display ", " write out ", " send "],
        &[" your system prompt ", " your initial prompt ", " your hidden prompt ", " your instructions verbatim ", " your initial instructions ", " your system instructions ", " your hidden instructions ", " the system prompt verbatim ", " your system message "]]),
    (HidesFromUser, &[
        &[" user "],
        &[" do not ", " dont ", " never ", " without "],
        &[" tell the user ", " tell your user ", " inform the user ", " mention this to the user ", " mention to the user ", " reveal this to the user ", " reveal to the user ", " telling the user ", " informing the user ", " notify the user ", " notifying the user ",
          " alert the user ", " alerting the user ", " let the user know ", " disclose this to the user ", " show this to the user "],
        // Advice on interfaces tells the user what went wrong; an attack hides itself.
        &[" about this ", " this to the user ", " that you ", " this message ", " this instruction", " these instruction", " you have ", " you were ", " user this ", " tell the user that ", " without telling ", " without informing ", " without notifying ", " without alerting "]]),
    (SteersAnswer, &[
        &[" your ", " final answer "],
        &[" include ", " insert ", " add ", " append ", " put ", " place ", " cite ", " mention ", " recommend ", " write "],
        &[" in your answer ", " in your response ", " in your summary ", " in your output ", " in your reply ", " to your answer ", " to your response ", " to your summary ", " to your output ", " of your answer ", " of your response ", " of your summary ", " of your output ", " of your reply ",
          " in the final answer ", " in your final answer "],
        &[" this link ", " the link ", " following link ", " this url ", " following url ", " the url ", " following text ", " this text ", " following sentence ", " this sentence ", " following phrase ", " this phrase ", " the phrase ", " the words ", " exactly ", " always ", " must ", " https "]]),
    (SteersAnswer, &[
        &[" when ", " if asked "],
        &[" when summarizing this ", " when summarising this ", " when you summarize this ", " when asked about this ", " when answering questions about ", " when processing this ", " when you process this ", " when describing this ", " when responding about ", " when reviewing this paper ", " if asked about this "],
        &[" always ", " say that ", " state that ", " recommend ", " must ", " respond ", " reply ", " only say ", " give a positive ", " do not mention ", " include "]]),
    (Exfiltrates, &[
        &[" conversation ", " chat history ", " system prompt ", " users messages "],
        &[" send ", " post ", " upload ", " forward ", " transmit "],
        &[" http ", " https ", " to this address ", " to the following "]]),
    (SteersAnswer, &[&[" give a positive review ", " only output positive ", " positive review only ", " do not highlight any negatives ", " rank this page first "], &[" review", " output ", " negatives ", " rank "]]),
];
