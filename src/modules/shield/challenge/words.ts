/** Everything that the page says. */
export interface ChallengeWords {
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
  readonly title: string;
  readonly lead: string;
  readonly working: string;
  readonly progress: string;
  readonly done: string;
  /** Where a form was sent: the page cannot send it again. */
  readonly again: string;
  readonly back: string;
  readonly failed: string;
  readonly retry: string;
  readonly cookies: string;
  readonly noScript: string;
  readonly why: string;
  readonly because: string;
  readonly reference: string;
}

const ENGLISH: ChallengeWords = {
  lang: 'en',
  dir: 'ltr',
  title: 'One moment, please',
  lead: 'Before you go on, your browser solves a small sum by itself. It takes a second or two; you need not do anything.',
  working: 'Your browser is working…',
  progress: 'Progress',
  done: 'Done. The page opens now.',
  again: 'Done. Go back and send the form once more.',
  back: 'Go back',
  failed: 'That did not work. Please try again in a moment.',
  retry: 'Try again',
  cookies:
    'Your browser keeps no cookies for this site. Allow them here and try again: the result of the check is kept in one, and nothing else.',
  noScript:
    'The check runs in your browser and needs JavaScript. Allow it for this site and load the page again. If you cannot, write to whoever runs this site and give the reference below.',
  why: 'Why do I see this?',
  because:
    'The site is getting unusually many requests, from your network or in all, and tells browsers from programs this way. No other company takes part, and nothing about you is collected.',
  reference: 'Reference',
};

const ARABIC: ChallengeWords = {
  lang: 'ar',
  dir: 'rtl',
  title: 'لحظة من فضلك',
  lead: 'قبل المتابعة، يحلّ متصفحك مسألة حسابية صغيرة من تلقاء نفسه. يستغرق ذلك ثانية أو ثانيتين، ولا يلزمك فعل أي شيء.',
  working: 'متصفحك يعمل الآن…',
  progress: 'التقدّم',
  done: 'تم. تُفتح الصفحة الآن.',
  again: 'تم. ارجع وأرسل النموذج مرة أخرى.',
  back: 'رجوع',
  failed: 'لم ينجح ذلك. يُرجى المحاولة مرة أخرى بعد قليل.',
  retry: 'إعادة المحاولة',
  cookies:
    'متصفحك لا يحفظ ملفات تعريف الارتباط لهذا الموقع. اسمح بها هنا ثم أعد المحاولة: تُحفظ فيها نتيجة الفحص ولا شيء سواها.',
  noScript:
    'يجري الفحص داخل متصفحك ويحتاج إلى JavaScript. اسمح به لهذا الموقع ثم أعد تحميل الصفحة. وإن تعذّر ذلك، فاكتب إلى القائمين على الموقع واذكر الرقم المرجعي أدناه.',
  why: 'لماذا أرى هذه الصفحة؟',
  because:
    'يتلقى الموقع طلبات أكثر من المعتاد، من شبكتك أو إجمالًا، وبهذه الطريقة يميّز المتصفحات من البرامج. لا تشارك في ذلك أي شركة أخرى، ولا تُجمع أي معلومات عنك.',
  reference: 'الرقم المرجعي',
};

const VIETNAMESE: ChallengeWords = {
  lang: 'vi',
  dir: 'ltr',
  title: 'Vui lòng đợi một chút',
  lead: 'Trước khi tiếp tục, trình duyệt của bạn sẽ tự giải một phép tính nhỏ. Việc này mất một hai giây; bạn không cần làm gì cả.',
  working: 'Trình duyệt của bạn đang xử lý…',
  progress: 'Tiến độ',
  done: 'Xong. Trang đang được mở.',
  again: 'Xong. Hãy quay lại và gửi biểu mẫu một lần nữa.',
  back: 'Quay lại',
  failed: 'Chưa thành công. Vui lòng thử lại sau giây lát.',
  retry: 'Thử lại',
  cookies:
    'Trình duyệt của bạn không lưu cookie cho trang này. Hãy cho phép cookie tại đây rồi thử lại: cookie chỉ lưu kết quả kiểm tra, không lưu gì khác.',
  noScript:
    'Việc kiểm tra chạy trong trình duyệt của bạn và cần JavaScript. Hãy cho phép JavaScript cho trang này rồi tải lại trang. Nếu không thể, hãy viết cho người quản lý trang và gửi kèm mã tham chiếu bên dưới.',
  why: 'Vì sao tôi thấy trang này?',
  because:
    'Trang đang nhận nhiều yêu cầu hơn bình thường, từ mạng của bạn hoặc nói chung, và dùng cách này để phân biệt trình duyệt với chương trình. Không có công ty nào khác tham gia, và không có thông tin nào về bạn được thu thập.',
  reference: 'Mã tham chiếu',
};

/** The languages of the page. */
export const LANGUAGES: readonly ChallengeWords[] = [ENGLISH, ARABIC, VIETNAMESE];

const MAX_ENTRIES = 10;

/** The words that fit an Accept-Language header best (RFC 9110 12.5.4); English where none does. */
export function wordsFor(acceptLanguage: string | undefined): ChallengeWords {
  const wished = (acceptLanguage ?? '')
    .slice(0, 500)
    .split(',', MAX_ENTRIES)
    .map((entry) => {
      const [tag = '', weight] = entry
        .trim()
        .toLowerCase()
        .split(/;\s*q=/);
      return { language: tag.trim().split('-')[0], q: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ q }) => q > 0)
    .toSorted((a, b) => b.q - a.q);
  for (const { language } of wished) {
    const words = LANGUAGES.find(({ lang }) => lang === language);
    if (words !== undefined) return words;
  }
  return ENGLISH;
}
