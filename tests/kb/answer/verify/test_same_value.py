"""What says the same in other words is supported, and what says something else in nearly the same words is not."""

from __future__ import annotations

import pytest

from kb.answer.verify.checker import check
from kb.types import Support
from tests.kb.answer.samples import FixedSimilarity, hit

alike = FixedSimilarity(0.95)


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("The train leaves at 14:05.", "The train leaves at 2:05 p.m."),
        ("The museum opens at 9:30.", "The museum opens at 9:30 a.m. and closes at 5 p.m."),
        ("博物馆17:00关门。", "博物馆上午9点开门，下午5点关门。"),
        ("It is not impossible to repair the valve.", "It is possible to repair the valve."),
        ("The valve cannot be opened without a key.", "The valve can only be opened with a key."),
        ("At least 30 people died.", "No fewer than 30 people died."),
        ("至少30人死亡。", "死亡的人不少于30人。"),
        ("The bridge is shorter than the dam.", "The dam is longer than the bridge."),
        ("Oslo is bigger than Bergen.", "Bergen is smaller than Oslo."),
        ("Adults pay 12 euros.", "Adults pay 12 euros and children 7."),
        ("Children pay 7 euros.", "Adults pay 12 euros and children 7."),
        ("The tower has 3 floors.", "The tower is 330 metres high and has 3 large floors."),
        ("Otto was born in 1960.", "Anna was born in 1950 and Otto in 1960."),
        ("The cable is 5 km long.", "The cable is 5000 m long."),
        ("The tank holds 500 ml.", "The tank holds 0.5 litres."),
        ("The song (1971) was covered in 1990.", "The song (1971) was covered in 1990."),
        ("The firm sold 5 cars in May.", "In May the firm sold 5 cars and 7 in June."),
        ("Researchers found that sleep matters.", "Scientists found that sleep matters."),
        ("Both BSkyB and Virgin agreed.", "Both Virgin and BSkyB agreed."),
        ("It opened in 1932.", "It opened without delay in 1932."),
        ("The F-16s were built in Texas.", "The F-16 was built in Texas."),
        ("The soup simmers for 30 minutes.", "Add the stock, and the soup simmers for half an hour."),
        ("汤煮30分钟。", "汤煮半个小时。"),
        ("The backup took 102 minutes.", "The backup took 1 h 42 min."),
        ("The bottle keeps for four weeks.", "The bottle keeps for 28 days."),
        ("Rent is due on the 5th.", "Rent is due on the fifth day of each month."),
        ("Adults take at most four tablets.", "Adults take no more than four tablets in 24 hours."),
        ("The jar is stored below 25 degrees Celsius.", "The jar is stored below 25 °C."),
        ("A headache affects 10% of people.", "A headache affects 1 in 10 people."),
        ("Roads take 25% of the budget.", "A quarter of the budget is what roads take."),
        ("Two-thirds of members voted.", "67 percent of members voted."),
        ("Roads take half of the budget.", "Roads take 50 % of the budget."),
        ("3/4 of the members voted.", "75 % of the members voted."),
        ("Ein Viertel der Mitglieder stimmte ab.", "25 Prozent der Mitglieder stimmten ab."),
        ("道路占预算的25%。", "道路占预算的四分之一。"),
        ("三分之二的会员参加了投票。", "67%的会员参加了投票。"),
        ("一半的会员参加了投票。", "50%的会员参加了投票。"),
        ("The fair lasts a quarter.", "The fair lasts a quarter."),
        ("Subletting requires written consent.", "Subletting is not permitted without written consent."),
        ("儿童不能使用。", "儿童禁止使用。"),
        ("逾期超过十五天，乙方可以解除合同。", "逾期超过15日的，乙方有权解除合同。"),
        ("Moss was beaten by Halden.", "Last May Halden beat Moss."),
        ("Anna met Otto in Bern.", "In Bern Otto met Anna."),
        ("Moss lost 1-3 to Halden.", "Halden beat Moss 3-1."),
        ("Halden have won since August.", "In May they lost, but Halden have won since August."),
        ("The club paid a fee of 40 euros.", "The firm paid a fee of 40 euros. The club sold it."),
        ("He not only built a mill but sold it.", "He built a mill and sold it."),
        ("Rent is 900 euros a month.", "The monthly rent is 900 euros."),
    ],
)
def test_the_same_in_other_words_is_supported(claim: str, passage: str) -> None:
    (found,) = check(f"{claim} [1]", [hit(passage)], alike).checks
    assert (found.support, found.reason) == (Support.SUPPORTED, None)


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("The train leaves at 2:05 a.m.", "The train leaves at 2:05 p.m."),
        ("The museum opens at 17:00.", "The museum opens at 9:30 and closes at 17:00."),
        ("博物馆下午5点开门。", "博物馆上午9点开门，下午5点关门。"),
        ("The valve never failed to open.", "The valve failed to open."),
        ("No employee may enter the room.", "Every employee may enter the room."),
        ("The drug is ineffective against flu.", "The drug is effective against flu."),
        ("At most 30 people died.", "No fewer than 30 people died."),
        ("The fee is up to 30 euros.", "The fee is at least 30 euros."),
        ("All members voted.", "Most members voted."),
        ("所有会员都可以投票。", "只有部分会员可以投票。"),
        ("The dam is longer than the bridge.", "The bridge is longer than the dam."),
        (
            "The ship carries 2.35 metres of fuel.",
            "The ship draws 2.35 metres and carries 800 litres of fuel.",
        ),
        ("Children pay 12 euros.", "Adults pay 12 euros and children 7."),
        ("Otto was born in 1950.", "Anna was born in 1950 and Otto in 1960."),
        (
            "The blue line runs every 10 minutes.",
            "The red line runs every 10 minutes, the blue line every 15.",
        ),
        ("2018年收入为520万元。", "2018年收入为410万元，2019年收入为520万元。"),
        ("The cable is 5 km long.", "The cable is 500 m long."),
        ("The firm sold 7 cars in May.", "In May the firm sold 5 cars and 7 in June."),
        ("Dora was hit by Jacksonville in 1964.", "Jacksonville was hit by Dora in 1964."),
        ("Most of it uses the DVB-S7 standard.", "Most of it uses the DVB-S2 standard."),
        ("利润为4000万欧元。", "收入为4000万欧元，利润为300万欧元。"),
        ("The cable is 5 km long.", "The cable is 5 miles long."),
        ("Moss beat Halden 3-1.", "On Saturday Halden beat Moss 3-1 at home."),
        ("Halden beat Moss 1-3.", "Halden beat Moss 3-1 in front of 4,812 people."),
        ("Nygaard saved a penalty from Dahl.", "Late on the keeper Dahl saved a penalty from Nygaard."),
        ("乙方应向甲方支付服务费。", "甲方应于每月5日前向乙方支付服务费。"),
        ("Nygaard scored twice in the first half.", "Iversen scored twice in the first half, then Nygaard."),
        (
            "The Landlord pays a monthly rent of 900 euros.",
            "The Tenant shall pay a monthly rent of 900 euros. The Landlord keeps the stairs clean.",
        ),
        ("The margin rose to 37.5%.", "The margin narrowed to 37.5% from 39.1%."),
        (
            "Adults take a tablet every four hours.",
            "Adults take a tablet every six hours, but four tablets at most.",
        ),
        (
            "A rash affects 1 in 10 people.",
            "A headache affects 1 in 10 people; a rash affects 1 in 100 people.",
        ),
        ("Roads take a third of the budget.", "Roads take 25 % of the budget."),
        ("Roads take 50 % of the budget.", "Roads take a quarter of the budget, schools half of it."),
        ("道路占预算的三分之一。", "道路占预算的25%。"),
        ("The rent is 900 euros per year.", "The monthly rent is 900 euros."),
        ("服务费为每年8000元。", "服务费为每月8000元。"),
        ("Season with salt and pepper.", "Season with salt. Do not add pepper."),
    ],
)
def test_something_else_in_nearly_the_same_words_is_not(claim: str, passage: str) -> None:
    (found,) = check(f"{claim} [1]", [hit(passage)], alike).checks
    assert found.support is not Support.SUPPORTED
    assert found.difference is not None
