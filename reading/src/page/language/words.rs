//! Words of grammar of many languages: each text is full of those of its own.

/// The languages, each at the place of its bit.
#[rustfmt::skip]
pub(super) const TAGS: [&str; 28] = [
    "en", "de", "fr", "es", "pt", "it", "nl", "pl", "cs", "sk", "sv", "da", "no", "fi", "hu", "ro", "tr", "id", "vi", "hr", "sl", "lt", "lv", "et", "ca", "ru", "uk", "el",
];

const EN: u32 = 1 << 0;
const DE: u32 = 1 << 1;
const FR: u32 = 1 << 2;
const ES: u32 = 1 << 3;
const PT: u32 = 1 << 4;
const IT: u32 = 1 << 5;
const NL: u32 = 1 << 6;
const PL: u32 = 1 << 7;
const CS: u32 = 1 << 8;
const SK: u32 = 1 << 9;
const SV: u32 = 1 << 10;
const DA: u32 = 1 << 11;
const NO: u32 = 1 << 12;
const FI: u32 = 1 << 13;
const HU: u32 = 1 << 14;
const RO: u32 = 1 << 15;
const TR: u32 = 1 << 16;
const ID: u32 = 1 << 17;
const VI: u32 = 1 << 18;
const HR: u32 = 1 << 19;
const SL: u32 = 1 << 20;
const LT: u32 = 1 << 21;
const LV: u32 = 1 << 22;
const ET: u32 = 1 << 23;
const CA: u32 = 1 << 24;
const RU: u32 = 1 << 25;
const UK: u32 = 1 << 26;
const EL: u32 = 1 << 27;

/// Which of [`TAGS`] have this lower-case word, as bits; 0 for none.
pub(super) fn languages_of(word: &str) -> u32 {
    WORDS
        .binary_search_by(|(known, _)| (*known).cmp(word))
        .ok()
        .and_then(|at| WORDS.get(at))
        .map_or(0, |(_, bits)| *bits)
}

/// Sorted, for binary search. Words of one letter are left out: nearly every language has them.
#[rustfmt::skip]
const WORDS: &[(&str, u32)] = &[
    ("aan", NL), ("aber", DE), ("about", EN), ("ada", ID), ("adalah", ID), ("af", DA), ("aga", ET), ("aj", SK),
    ("akan", ID), ("ako", SK), ("al", ES | IT | CA), ("ale", PL | CS | SK | RO), ("alebo", SK), ("ali", HR | SL),
    ("all", EN), ("alla", IT), ("als", DE | NL), ("am", DE), ("ama", TR), ("amb", CA), ("amely", HU),
    ("an", EN | DE), ("anche", IT), ("and", EN), ("ao", PT), ("aos", PT), ("apie", LT), ("aquest", CA),
    ("aquesta", CA), ("ar", LT | LV), ("are", EN), ("arī", LV), ("as", EN | PT), ("at", EN | DA | NO), ("atau", ID),
    ("att", SV), ("até", PT), ("au", FR | RO), ("auch", DE), ("auf", DE), ("aus", DE), ("aux", FR), ("av", SV | NO),
    ("avec", FR), ("az", HU), ("azt", HU), ("años", ES), ("až", CS | SK), ("be", EN), ("been", EN), ("bei", DE | LT),
    ("bet", LT | LV), ("bi", HR | SL), ("bij", NL), ("bija", LV), ("bil", SL), ("bio", HR), ("bir", TR), ("bis", DE),
    ("bisa", ID), ("biti", HR), ("ble", NO), ("blev", DA), ("bol", SK), ("bolo", SK), ("bu", TR), ("but", EN),
    ("buvo", LT), ("by", EN | CS | SK), ("byl", CS), ("bylo", CS), ("być", PL), ("był", PL), ("było", PL),
    ("ca", RO), ("can", EN), ("care", RO), ("ce", FR), ("cel", RO), ("ces", FR), ("cette", FR), ("che", IT),
    ("cho", VI), ("ci", IT), ("co", PL), ("com", PT | CA), ("come", IT), ("comme", FR), ("como", ES | PT),
    ("con", ES | IT), ("csak", HU), ("cu", RO), ("cuando", ES), ("czy", PL), ("các", VI), ("có", VI), ("că", RO),
    ("către", RO), ("cũng", VI), ("của", VI), ("da", PT | IT | TR | HR | SL), ("daha", TR), ("dal", IT),
    ("dalam", ID), ("dalla", IT), ("dan", NL | ID), ("dans", FR), ("dapat", ID), ("dar", RO), ("dari", ID),
    ("das", DE | PT), ("dass", DE), ("dat", NL), ("de", FR | ES | PT | NL | SV | DA | NO | HU | RO | TR | CA),
    ("dei", IT), ("del", ES | IT | CA), ("della", IT), ("delle", IT), ("dels", CA), ("dem", DE),
    ("den", DE | SV | DA | NO), ("dengan", ID), ("depois", PT), ("der", DE | DA | NO), ("des", DE | FR),
    ("desde", ES), ("det", SV | DA | NO), ("deux", FR), ("deze", NL), ("değil", TR), ("di", IT | ID),
    ("die", DE | NL), ("din", RO), ("dla", PL), ("do", EN | PT | PL | CS | SK | HR | SL), ("door", NL),
    ("dos", ES | PT), ("du", FR), ("după", RO), ("durch", DE), ("där", SV), ("dėl", LT), ("ed", IT), ("een", NL),
    ("efter", SV | DA), ("egy", HU), ("ei", FI | ET), ("ein", DE), ("eine", DE), ("einem", DE), ("einen", DE),
    ("einer", DE), ("el", ES | HU | CA), ("ela", PT), ("ele", PT), ("elle", FR), ("eller", SV | DA | NO),
    ("els", CA), ("em", PT), ("en", FR | ES | NL | SV | DA | NO | TR | CA), ("end", DA), ("enn", NO),
    ("entre", ES | PT), ("er", DE | NL | DA | NO), ("era", ES | IT), ("es", DE | ES | CA), ("essere", IT),
    ("est", FR), ("esta", ES), ("este", ES | RO), ("está", ES), ("et", FR | DA | NO | ET), ("ett", SV),
    ("etter", NO), ("että", FI), ("eu", PT), ("ez", HU), ("fait", FR), ("fi", RO), ("foi", PT),
    ("for", EN | DA | NO), ("fost", RO), ("fra", DA | NO), ("from", EN), ("från", SV), ("fue", ES), ("för", SV),
    ("für", DE), ("gan", LV), ("geen", NL), ("gibi", TR), ("gli", IT), ("göre", TR), ("ha", ES | IT | HU | CA),
    ("haben", DE), ("había", ES), ("had", EN), ("hadde", NO), ("hade", SV), ("han", SV | DA | NO),
    ("har", SV | DA | NO), ("has", EN), ("hasta", ES), ("hat", DE), ("havde", DA), ("have", EN), ("hay", VI),
    ("he", EN), ("hebben", NL), ("heeft", NL), ("hem", TR), ("her", EN | TR), ("het", NL), ("hij", NL), ("his", EN),
    ("hogy", HU), ("hon", SV), ("how", EN), ("hun", DA | NO), ("hän", FI), ("iar", RO), ("ich", DE | PL), ("if", EN),
    ("ik", NL), ("ikke", DA | NO), ("il", FR | IT), ("ile", TR), ("ili", HR), ("im", DE), ("ima", HR),
    ("in", EN | DE | IT | NL | SL), ("ini", ID), ("inte", SV), ("into", EN), ("ir", LT | LV), ("is", EN | NL | HU),
    ("ise", TR), ("isso", PT), ("ist", DE), ("it", EN), ("its", EN), ("itu", ID), ("iz", HR | SL), ("između", HR),
    ("için", TR), ("iš", LT), ("ja", FI | ET), ("jag", SV), ("jak", PL | CS), ("jako", CS), ("jau", LT | LV),
    ("je", FR | NL | CS | SK | HR | SL), ("jeg", DA | NO), ("jego", PL), ("jeho", CS | SK), ("jen", CS),
    ("jest", PL), ("jo", LT), ("joka", FI), ("jos", FI), ("jotka", FI), ("jsou", CS), ("juga", ID), ("już", PL),
    ("já", PT), ("jälkeen", FI), ("ka", LV | ET), ("kad", LT), ("kadar", TR), ("kaip", LT), ("kami", ID),
    ("kan", NL | SV | DA | NO), ("kann", DE), ("kanssa", FI), ("kao", HR), ("karena", ID), ("kas", LV), ("ke", ID),
    ("kell", HU), ("khi", VI), ("không", VI), ("ki", HU | SL), ("ko", SL), ("koja", HR), ("koje", HR), ("koji", HR),
    ("kot", SL), ("která", CS), ("které", CS), ("který", CS), ("ktorá", SK), ("ktoré", SK), ("ktorý", SK),
    ("która", PL), ("które", PL), ("który", PL), ("kui", ET), ("kuid", ET), ("kuin", FI), ("kun", FI), ("kurie", LT),
    ("kā", LV), ("la", FR | ES | IT | RO | CA), ("lai", LV), ("las", ES), ("le", FR | ES | IT), ("lebih", ID),
    ("lehet", HU), ("len", SK), ("les", FR | CA), ("leur", FR), ("lo", ES | IT), ("loro", IT), ("los", ES),
    ("lub", PL), ("lui", RO), ("là", VI), ("līdz", LV), ("ma", IT | PL), ("maar", NL), ("magyar", HU), ("mai", RO),
    ("mais", FR | PT), ("majd", HU), ("man", DE), ("many", EN), ("mas", PT), ("me", ES), ("med", SV | DA | NO | SL),
    ("medzi", SK), ("meer", NL), ("meg", HU), ("mehr", DE), ("men", SV | DA | NO), ("mereka", ID), ("mert", HU),
    ("mesmo", PT), ("met", NL), ("mezi", CS), ("mi", IT), ("mint", HU), ("mis", ET), ("mit", DE), ("mitä", FI),
    ("mod", DA), ("molt", CA), ("mot", SV | NO), ("może", PL), ("muito", PT), ("mukaan", FI), ("mutta", FI),
    ("muy", ES), ("myös", FI), ("már", HU), ("más", ES), ("még", HU), ("més", CA), ("même", FR), ("một", VI),
    ("na", PT | PL | CS | SK | HR | SL), ("naar", NL), ("nach", DE), ("nad", ET), ("nav", LV),
    ("ne", FR | IT | TR | SL), ("nebo", CS), ("nel", IT), ("nella", IT), ("nem", HU), ("není", CS), ("người", VI),
    ("như", VI), ("những", VI), ("ni", SL), ("nicht", DE), ("nie", PL | SK), ("niet", NL), ("nii", ET), ("niin", FI),
    ("nije", HR), ("ning", ET), ("no", PT | LV | CA), ("noch", DE), ("nog", NL), ("non", IT), ("nos", PT),
    ("not", EN), ("nous", FR), ("nu", SV | DA | RO), ("nuo", LT), ("nur", DE), ("nyt", FI), ("này", VI), ("não", PT),
    ("när", SV), ("nå", NO), ("når", DA | NO), ("nėra", LT), ("och", SV), ("också", SV),
    ("od", PL | CS | SK | HR | SL), ("oder", DE), ("of", EN | NL), ("og", DA | NO), ("også", DA | NO), ("olan", TR),
    ("olarak", TR), ("olduğu", TR), ("olduğunu", TR), ("ole", FI), ("oleh", ID), ("oli", FI | ET), ("olla", FI),
    ("om", NL | SV | DA | NO), ("oma", ET), ("on", EN | FI | ET), ("ont", FR), ("ook", NL), ("op", NL), ("or", EN),
    ("oraz", PL), ("os", PT), ("ou", FR | PT), ("out", EN), ("ovat", FI), ("over", NL | DA | NO), ("pa", SL),
    ("pada", ID), ("par", FR | LV), ("para", ES | PT), ("pas", FR), ("pat", LT), ("pe", RO), ("pela", PT),
    ("pelo", PT), ("pentru", RO), ("per", IT | LT | CA), ("pero", ES), ("però", CA), ("pie", LV), ("più", IT),
    ("plus", FR), ("po", PL | CS | SK | HR | SL), ("pod", PL), ("podle", CS), ("podľa", SK), ("por", ES | PT),
    ("porque", ES), ("pour", FR), ("pre", SK), ("prema", HR), ("pri", SK | SL), ("prie", LT), ("prin", RO),
    ("pro", CS), ("przez", PL), ("przy", PL), ("pärast", ET), ("på", SV | DA | NO), ("pēc", LV), ("při", CS),
    ("quando", PT), ("que", FR | ES | PT | CA), ("questo", IT), ("qui", FR), ("qué", ES), ("ra", VI), ("sa", SK),
    ("said", EN), ("sam", HR), ("samo", HR), ("sans", FR), ("sau", RO), ("saya", ID),
    ("se", FR | ES | PT | IT | CS | FI | RO | HR | SL), ("sebagai", ID), ("seda", ET), ("see", ET), ("seg", NO),
    ("sein", DE), ("selle", ET), ("sem", PT | HU), ("sen", FI), ("ser", ES), ("ses", FR), ("seu", PT), ("seva", CA),
    ("she", EN), ("si", ES | IT | CS | SK), ("sich", DE), ("sie", DE), ("sig", SV | DA), ("siis", ET), ("sin", ES),
    ("sind", DE), ("sitä", FI), ("się", PL), ("so", EN | DE | SL), ("sobre", ES), ("som", SV | DA | NO),
    ("some", EN), ("son", FR | ES), ("sono", IT), ("sonra", TR), ("sont", FR), ("stato", IT),
    ("su", ES | IT | HR | LT), ("sua", PT), ("sunt", RO), ("sur", FR), ("sus", ES), ("szerint", HU), ("são", PT),
    ("så", SV | DA | NO), ("só", PT), ("són", CA), ("sú", SK), ("să", RO), ("są", PL), ("ta", ET), ("tai", FI | LT),
    ("taip", LT), ("tak", PL | CS | SK), ("tako", SL), ("također", HR), ("také", CS), ("także", PL), ("también", ES),
    ("també", CA), ("também", PT), ("tarafından", TR), ("tas", LV), ("te", NL | HR), ("tego", PL), ("telah", ID),
    ("tema", ET), ("ter", SL), ("than", EN), ("that", EN), ("the", EN), ("their", EN), ("them", EN), ("then", EN),
    ("there", EN), ("these", EN), ("they", EN), ("this", EN), ("tidak", ID), ("tik", LT), ("tikai", LV),
    ("til", DA | NO), ("till", SV), ("to", EN | PL | CS | SK), ("todo", ES), ("tot", NL), ("tout", FR),
    ("trong", VI), ("tudi", SL), ("tylko", PL), ("tym", PL), ("tā", LV), ("tại", VI), ("từ", VI), ("uden", DA),
    ("uit", NL), ("um", DE | PT), ("uma", PT), ("un", FR | ES | IT | RO | LV | CA), ("una", ES | IT | CA),
    ("und", DE), ("une", FR), ("untuk", ID), ("up", EN), ("utan", SV), ("uten", NO), ("után", HU), ("uz", LV),
    ("už", LT), ("va", CA), ("vagy", HU), ("vai", LV), ("vain", FI), ("van", NL | HU), ("var", SV | DA | NO | TR),
    ("ve", CS | TR), ("ved", DA | NO), ("veel", ET), ("več", SL), ("vi", SV | DA | NO), ("vid", SV), ("viņš", LV),
    ("vo", SK), ("você", PT), ("voi", FI), ("volt", HU), ("von", DE), ("voor", NL), ("vor", DE), ("vous", FR),
    ("và", VI), ("või", ET), ("však", CS), ("về", VI), ("với", VI), ("war", DE), ("was", EN | NL), ("we", EN),
    ("werden", DE), ("were", EN), ("what", EN), ("when", EN), ("which", EN), ("who", EN), ("wie", DE), ("will", EN),
    ("wir", DE), ("wird", DE), ("with", EN), ("worden", NL), ("wordt", NL), ("would", EN), ("wurde", DE),
    ("ya", ES | TR), ("yang", ID), ("you", EN), ("your", EN), ("yra", LT), ("za", PL | CS | SK | HR | SL),
    ("ze", NL | PL), ("zijn", NL), ("zu", DE), ("zum", DE), ("zur", DE), ("än", SV), ("är", SV), ("çok", TR),
    ("és", HU | CA), ("été", FR), ("être", FR), ("în", RO), ("între", RO), ("över", SV), ("über", DE), ("đã", VI),
    ("được", VI), ("đến", VI), ("để", VI), ("še", SL), ("što", HR), ("że", PL), ("že", CS | SK), ("și", RO),
    ("ένα", EL), ("έναν", EL), ("έχει", EL), ("ήταν", EL), ("αλλά", EL), ("από", EL), ("αυτό", EL), ("για", EL),
    ("δεν", EL), ("είναι", EL), ("θα", EL), ("και", EL), ("κατά", EL), ("μας", EL), ("με", EL), ("μετά", EL),
    ("μια", EL), ("να", EL), ("οι", EL), ("που", EL), ("πως", EL), ("σε", EL), ("στα", EL), ("στην", EL),
    ("στις", EL), ("στο", EL), ("τα", EL), ("τη", EL), ("την", EL), ("της", EL), ("τις", EL), ("το", EL),
    ("του", EL), ("τους", EL), ("των", EL), ("ως", EL), ("όπως", EL), ("ότι", EL), ("або", UK), ("але", UK),
    ("би", UK), ("був", UK), ("була", UK), ("були", UK), ("було", UK), ("бы", RU), ("был", RU), ("была", RU),
    ("были", RU), ("было", RU), ("вже", UK), ("ви", UK), ("вона", UK), ("вони", UK), ("все", RU | UK), ("вы", RU),
    ("від", UK), ("він", UK), ("для", RU | UK), ("до", RU | UK), ("его", RU), ("если", RU), ("еще", RU), ("ещё", RU),
    ("же", RU), ("за", RU | UK), ("из", RU), ("или", RU), ("його", UK), ("как", RU), ("когда", RU), ("коли", UK),
    ("которые", RU), ("который", RU), ("ми", UK), ("може", UK), ("может", RU), ("мы", RU), ("на", RU | UK),
    ("не", RU | UK), ("немає", UK), ("нет", RU), ("но", RU), ("он", RU), ("она", RU), ("они", RU), ("от", RU),
    ("по", RU | UK), ("после", RU), ("при", RU | UK), ("після", UK), ("та", UK), ("так", RU | UK), ("то", RU | UK),
    ("только", RU), ("тільки", UK), ("уже", RU), ("це", UK), ("что", RU), ("чтобы", RU), ("ще", UK), ("що", UK),
    ("щоб", UK), ("это", RU), ("як", UK), ("який", UK), ("якщо", UK), ("які", UK), ("із", UK),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted_for_the_search() {
        assert!(WORDS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(languages_of("und"), DE);
        assert_eq!(languages_of("xyz"), 0);
    }
}
