/** The months as people write them in dates: in full, in the case that a day wants, and cut short. */
const byTongue = [
  // English
  "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec",
  // German, in Austria too
  "januar februar märz maerz april mai juni juli august september oktober november dezember jänner feber jän mär okt dez",
  // French
  "janvier février fevrier mars avril mai juin juillet août aout septembre octobre novembre décembre decembre janv févr fév fevr avr juil sept déc",
  // Spanish
  "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre ene abr ago set dic",
  // Portuguese
  "janeiro fevereiro março marco abril maio junho julho agosto setembro outubro novembro dezembro fev mai out dez",
  // Italian
  "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre genn gen mag giu lug sett ott",
  // Dutch
  "januari februari maart april mei juni juli augustus september oktober november december mrt",
  // Swedish, Danish, Norwegian
  "januari februari mars april maj mai juni juli augusti september oktober november december januar februar marts august desember des",
  // Finnish
  "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
  // Polish
  "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
  // Czech, Slovak
  "ledna února března dubna května června července srpna září října listopadu prosince januára februára apríla mája júna júla augusta septembra októbra novembra decembra",
  // Hungarian
  "január február március április május június július augusztus szeptember október november december",
  // Romanian
  "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
  // Turkish
  "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
  // Russian, Ukrainian
  "января февраля марта апреля мая июня июля августа сентября октября ноября декабря січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
  // Greek
  "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου",
];

/** Alternatives of a pattern, the longer first. */
export const monthNames = [...new Set(byTongue.flatMap((names) => names.split(" ")))]
  .toSorted((one, other) => other.length - one.length)
  .join("|");
